import CCodec
import Parallel
import Volumes

/// Decodes gzip members one after another; the checksum and the length of each are always checked.
final class GzipDecoder: StreamDecoder {
  private let input: Lookahead
  private let workers: Workers
  private let inflater: OpaquePointer
  /// The member's spans while its marks hold good.
  private var spans: MarkedSpans?
  /// The decoded bytes of a member with marks.
  private var markedBytes = 0
  private var inMember = false
  private var members = 0
  private var checksum: UInt32 = 0
  /// Bytes of the member, modulo 2^32 as gzip counts them.
  private var length: UInt32 = 0
  private(set) var findings: [Finding] = []

  /// - Parameter workers: with more than one lane, a member with our marks is decoded by all of them.
  init(_ input: Lookahead, workers: Workers) throws(ScanFailure) {
    guard let inflater = ccodec_inflater_new() else { throw outOfCodecMemory() }
    self.input = input
    self.workers = workers
    self.inflater = inflater
  }

  deinit { ccodec_inflater_free(inflater) }

  func scratchBytes(workers: Workers) -> Int { MarkedSpans.scratchBytes(workers: workers, bytes: markedBytes) }

  func decode(into buffer: UnsafeMutableRawBufferPointer, allowance: Int) throws(ScanFailure) -> Int {
    guard !buffer.isEmpty else { return 0 }
    while true {
      if !inMember, try !beginMember() { return 0 }
      let count = if let spans { try decode(spans, into: buffer) } else { try inflate(into: buffer) }
      if count > 0 { return count }
    }
  }

  /// 0 when the member has ended, or when its marks have turned out to be wrong and the inflater is to go on.
  private func decode(
    _ spans: MarkedSpans, into buffer: UnsafeMutableRawBufferPointer
  ) throws(ScanFailure) -> Int {
    let count = try spans.read(into: buffer)
    if let count, count > 0 { return count }
    (checksum, length) = (spans.checksum, spans.length)
    self.spans = nil
    if count == nil { try goOn(from: spans) } else { try endMember() }
    return 0
  }

  private func goOn(from spans: MarkedSpans) throws(ScanFailure) {
    findings.append(
      Finding("gzip-index", "the gzip data are not in the spans that their header announces; decoded without them"))
    guard ccodec_inflater_resume(inflater, spans.window, spans.window.count) == 1 else { throw outOfCodecMemory() }
  }

  /// False when what follows is no member, or nothing follows.
  private func beginMember() throws(ScanFailure) -> Bool {
    let next = try input.peek(2)
    // A lone first byte of the magic at the very end is a cut member, not garbage.
    guard next.starts(with: GzipHeader.magic.prefix(max(1, next.count))) else { return false }
    members += 1
    guard members <= StreamLimit.streams else {
      throw ScanFailure(
        .limit, .read, "gzip members", expected: "at most \(StreamLimit.streams)", found: "\(members) or more")
    }
    let extra = try GzipHeader.read(from: input)
    ccodec_inflater_reset(inflater)
    (inMember, checksum, length) = (true, 0, 0)
    // Ours stands alone. Reading ahead in many small members and giving the rest back would be an attack.
    if members == 1, let announced = GzipSpans(extraField: extra) { try begin(announced) }
    return true
  }

  private func begin(_ announced: GzipSpans) throws(ScanFailure) {
    markedBytes = announced.decodedBytes
    if workers.count > 1 { spans = try MarkedSpans(announced, of: input, workers: workers) }
  }

  /// One step; 0 when the member has ended without giving more.
  private func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    while true {
      // Asked before more is read: it may hold enough.
      let none = input.available.isEmpty
      let step = input.step(into: buffer) { ccodec_inflate(inflater, $0, $1, $2, $3) }
      count(UnsafeRawBufferPointer(rebasing: buffer[..<step.produced]))
      switch step.outcome {
      case .end:
        try endMember()
        return step.produced
      case .more where step.produced > 0: return step.produced
      case .more where none:
        if try input.peek(1).isEmpty { throw GzipDecoder.truncated("data") }
      case .more where step.consumed > 0: continue
      case .memory: throw outOfCodecMemory()
      default:
        throw ScanFailure(
          .gzipFormat, .read, "gzip data", expected: "a deflate stream", found: "bytes that are none",
          advice: "the file is damaged; fetch it again")
      }
    }
  }

  private func count(_ bytes: UnsafeRawBufferPointer) {
    guard let address = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return }
    checksum = ccodec_crc32(checksum, address, bytes.count)
    length &+= UInt32(truncatingIfNeeded: bytes.count)
  }

  private func endMember() throws(ScanFailure) {
    let trailer = Array(try input.peek(8).prefix(8))
    guard trailer.count == 8 else { throw GzipDecoder.truncated("trailer") }
    input.consume(8)
    inMember = false
    let stored: UInt32 = littleEndian(trailer[..<4])
    guard stored == checksum else {
      throw ScanFailure(
        .gzipChecksum, .read, "gzip checksum", expected: "\(hexadecimal(stored)) (stored)",
        found: "\(hexadecimal(checksum)) (computed)", advice: "the file is damaged; fetch it again")
    }
    let storedLength: UInt32 = littleEndian(trailer[4...])
    guard storedLength == length else {
      throw ScanFailure(
        .gzipSize, .read, "gzip length", expected: "\(storedLength) bytes modulo 2^32", found: "\(length)",
        advice: "the file is damaged; fetch it again")
    }
  }

  static func truncated(_ part: String) -> ScanFailure {
    ScanFailure(
      .gzipTruncated, .read, "gzip \(part)", expected: "more bytes", found: "the end of the file",
      advice: "it was cut off; fetch it again")
  }
}

/// Up to eight bytes, the least significant first.
func littleEndian<Number: FixedWidthInteger>(_ bytes: some BidirectionalCollection<UInt8>) -> Number {
  bytes.reversed().reduce(0) { $0 << 8 | Number($1) }
}
