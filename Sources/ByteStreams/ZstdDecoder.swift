import CCodec
import Parallel
import Volumes

/// Decodes Zstandard frames one after another and passes over skippable ones. Checksums are checked where there are some.
final class ZstdDecoder: StreamDecoder {
  private let input: Lookahead
  private let decoder: OpaquePointer
  private var inFrame = false
  /// The largest window so far.
  private var windowBytes = 0
  private var frames = 0
  private var framesWithoutChecksum = 0
  private var skippedFrames = 0
  private var skippedBytes = 0

  init(_ input: Lookahead) throws(ScanFailure) {
    guard let decoder = ccodec_zstd_decoder_new(Int32(StreamLimit.windowLog)) else { throw outOfCodecMemory() }
    self.input = input
    self.decoder = decoder
  }

  deinit { ccodec_zstd_decoder_free(decoder) }

  func scratchBytes(workers: Workers) -> Int { windowBytes }

  var findings: [Finding] {
    guard framesWithoutChecksum > 0 else { return [] }
    return [Finding("zstd-no-checksum", "\(framesWithoutChecksum) of \(frames) zstd frames have no checksum")]
  }

  func decode(into buffer: UnsafeMutableRawBufferPointer, allowance: Int) throws(ScanFailure) -> Int {
    guard !buffer.isEmpty else { return 0 }
    while true {
      if !inFrame, try !beginFrame(allowance) { return 0 }
      let count = try decodeFrame(into: buffer)
      if count > 0 { return count }
    }
  }

  /// False when what follows is no frame, or nothing follows.
  private func beginFrame(_ allowance: Int) throws(ScanFailure) -> Bool {
    while true {
      let head = Array(try input.peek(ZstdFrameHeader.longest).prefix(ZstdFrameHeader.longest))
      if ZstdFrameHeader.isSkippable(magic: head.prefix(4)) {
        try skipFrame(head)
        continue
      }
      // Fewer bytes than a magic, but its first ones: a cut frame, not garbage.
      guard head.starts(with: ZstdFrameHeader.magic.prefix(max(1, head.count))) else { return false }
      try begin(ZstdFrameHeader(head), allowance)
      return true
    }
  }

  private func begin(_ header: ZstdFrameHeader, _ allowance: Int) throws(ScanFailure) {
    frames += 1
    guard frames <= StreamLimit.streams else {
      throw ScanFailure(
        .limit, .read, "zstd frames", expected: "at most \(StreamLimit.streams)", found: "\(frames) or more")
    }
    guard header.windowBytes <= 1 << UInt64(StreamLimit.windowLog) else {
      throw ZstdDecoder.windowTooLarge(found: "\(header.windowBytes) bytes")
    }
    guard header.dictionary == 0 else {
      throw ScanFailure(
        .zstdDictionary, .read, "zstd dictionary", expected: "none", found: "one that is not in the file",
        advice: "decompress the file with its dictionary first")
    }
    if let size = header.contentBytes, size > UInt64(max(0, allowance)) {
      throw ScanFailure(
        .limit, .read, "size announced by a zstd frame", expected: "at most \(allowance) bytes", found: "\(size)")
    }
    windowBytes = max(windowBytes, Int(clamping: header.windowBytes))
    if !header.hasChecksum { framesWithoutChecksum += 1 }
    ccodec_zstd_decoder_reset(decoder)
    inFrame = true
  }

  /// Skippable frames hold anything; a few belong to seekable files, many belong to an attack.
  private func skipFrame(_ head: [UInt8]) throws(ScanFailure) {
    guard head.count >= 8 else { throw ZstdDecoder.truncated("skippable frame") }
    let size: Int = littleEndian(head[4..<8])
    skippedFrames += 1
    skippedBytes += size
    guard skippedFrames <= StreamLimit.skippableFrames, skippedBytes <= StreamLimit.skippableBytes else {
      throw ScanFailure(
        .limit, .read, "zstd skippable frames",
        expected: "at most \(StreamLimit.skippableFrames) frames and \(StreamLimit.skippableBytes) bytes",
        found: "\(skippedFrames) frames and \(skippedBytes) bytes or more")
    }
    input.consume(8)
    try skip(size)
  }

  private func skip(_ count: Int) throws(ScanFailure) {
    var left = count
    while left > 0 {
      let here = min(left, try input.peek(1).count)
      guard here > 0 else { throw ZstdDecoder.truncated("skippable frame") }
      input.consume(here)
      left -= here
    }
  }

  /// One step; 0 when the frame has ended without giving more.
  private func decodeFrame(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    while true {
      let none = try input.peek(1).isEmpty
      let step = none ? flush(into: buffer) : input.step(into: buffer) { ccodec_zstd_decode(decoder, $0, $1, $2, $3) }
      switch step.outcome {
      case .end:
        inFrame = false
        return step.produced
      case .more where step.produced > 0: return step.produced
      case .more where none: throw ZstdDecoder.truncated("frame")
      case .more where step.consumed > 0: continue
      case .checksum:
        throw ScanFailure(
          .zstdChecksum, .read, "zstd checksum", expected: "that of the data", found: "another one",
          advice: "the file is damaged; fetch it again")
      case .window: throw ZstdDecoder.windowTooLarge(found: "more")
      case .memory: throw outOfCodecMemory()
      case .corrupt, .more:
        throw ScanFailure(
          .zstdFormat, .read, "zstd data", expected: "a Zstandard frame", found: "bytes that are none",
          advice: "the file is damaged; fetch it again")
      }
    }
  }

  /// The library may hold decoded bytes back although all input is used.
  private func flush(into buffer: UnsafeMutableRawBufferPointer) -> ccodec_step {
    guard let to = buffer.assumingMemoryBound(to: UInt8.self).baseAddress else {
      return ccodec_step(consumed: 0, produced: 0, outcome: .more)
    }
    return ccodec_zstd_decode(decoder, to, 0, to, buffer.count)
  }

  private static func windowTooLarge(found: String) -> ScanFailure {
    ScanFailure(
      .zstdWindow, .read, "zstd window", expected: "at most \(1 << StreamLimit.windowLog) bytes", found: found,
      advice: "compress the file again without --long or --ultra")
  }

  static func truncated(_ part: String) -> ScanFailure {
    ScanFailure(
      .zstdTruncated, .read, "zstd \(part)", expected: "more bytes", found: "the end of the file",
      advice: "it was cut off; fetch it again")
  }
}
