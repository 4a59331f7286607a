import CCodec
import Parallel
import Volumes

/// Compresses into one Zstandard frame with a checksum and the content's size.
///
/// The bytes depend on the level and the library's version, not on threads or on the pieces written. They are decompressed
/// again on the way, and compared.
package final class ZstdSink: ByteSink {
  private let below: any ByteSink
  private let encoder: OpaquePointer
  /// Two places for compressed bytes: those in one are checked while the other is filled.
  private let output: MappedMemory
  private var isSecondPlace = false
  private let check: ZstdCheck
  /// Of all that was written.
  private var checksum = Checksum()

  /// - Parameters:
  ///   - level: 1 (fast) to 19 (small); others count as the nearest.
  ///   - workers: threads of the library's own that compress beside the caller.
  ///   - pledgedSize: the bytes that will be written, to the byte; `nil` when unknown.
  package init(into below: any ByteSink, level: Int, workers: Workers, pledgedSize: Int?) throws(ScanFailure) {
    let size = pledgedSize.map { UInt64($0) } ?? .max
    let lanes = Int32(min(workers.count, 256))
    output = try codecMemory(2 * ZstdSink.place)
    check = try ZstdCheck(workers: workers)
    guard let encoder = ccodec_zstd_encoder_new(Int32(min(max(level, 1), 19)), lanes, size) else {
      throw outOfCodecMemory()
    }
    self.encoder = encoder
    self.below = below
  }

  /// The memory a sink holds for so many bytes to compress, for whoever admits scans.
  static func scratchBytes(level: Int, workers: Workers, bytes: Int) -> Int {
    let encoder = ccodec_zstd_encoder_bytes(
      Int32(min(max(level, 1), 19)), Int32(min(workers.count, 256)), UInt64(max(0, bytes)))
    return Int(clamping: encoder).addingSaturating(2 * place + ZstdCheck.scratchBytes(bytes))
  }

  private static let place = 1 << 19

  deinit {
    // Where the sink below failed, a piece may still be read that lies in memory which is given back now.
    _ = check.finish()
    ccodec_zstd_encoder_free(encoder)
  }

  package func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    checksum.update(bytes)
    var rest = bytes
    while !rest.isEmpty {
      let consumed = try step(rest, end: false).consumed
      rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
    }
  }

  /// - Throws: `E_OUT_IO` also when other than the pledged number of bytes were written; `E_OUT_READBACK` when the frame does
  ///   not decompress to what was written.
  package func finish() throws(ScanFailure) {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    while try step(nothing, end: true).outcome != .end {}
    guard check.finish() == checksum else {
      throw ScanFailure(
        .readBackDiffers, .write, "zstd frame", expected: "to decompress to what was compressed",
        found: "something else",
        advice: "check the machine's memory; nothing was published")
    }
  }

  private func step(_ bytes: UnsafeRawBufferPointer, end: Bool) throws(ScanFailure) -> ccodec_step {
    let source = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    let start = isSecondPlace ? ZstdSink.place : 0
    let room = UnsafeMutableRawBufferPointer(rebasing: output.bytes[start..<start + ZstdSink.place])
    let target = room.assumingMemoryBound(to: UInt8.self)
    let step = ccodec_zstd_encode(encoder, source, bytes.count, end ? 1 : 0, target.baseAddress, target.count)
    switch step.outcome {
    case .more, .end: break
    case .memory: throw outOfCodecMemory()
    default:
      throw ScanFailure(
        .writeError, .write, "zstd frame", expected: "as many bytes as were pledged", found: "an encoder error")
    }
    if step.produced > 0 {
      let bytes = UnsafeRawBufferPointer(rebasing: room[..<step.produced])
      check.add(bytes)
      isSecondPlace.toggle()
      try below.write(bytes)
    }
    return step
  }
}

extension Compression {
  /// The sink that compresses so; finishing it does not finish `below`.
  ///
  /// - Parameter size: the bytes that will be written, when known.
  package func sink(
    into below: any ByteSink, level: Int, workers: Workers, size: Int?
  ) throws(ScanFailure) -> any ByteSink {
    switch self {
    case .none: PlainSink(into: below)
    case .gzip: try GzipSink(into: below, level: level, workers: workers, pledgedSize: size)
    case .zstd: try ZstdSink(into: below, level: level, workers: workers, pledgedSize: size)
    }
  }
}
