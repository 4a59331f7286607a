import CCodec
import Parallel
import Volumes

/// Decompresses a frame while it is being written, beside whoever compresses it.
package final class ZstdCheck: @unchecked Sendable {
  // @unchecked Sendable because pieces are decoded one after the other, and what they leave is looked at when all are done.

  private let lane: SideLane
  private let decoder: OpaquePointer
  private let decoded: MappedMemory
  private var checksum = Checksum()
  private var isComplete = false
  private var isSound = true

  package init(workers: Workers) throws(ScanFailure) {
    lane = SideLane("zstd-check", workers: workers)
    decoded = try codecMemory(1 << 18)
    guard let decoder = ccodec_zstd_decoder_new(Int32(StreamLimit.windowLog)) else { throw outOfCodecMemory() }
    self.decoder = decoder
  }

  /// The memory that it takes for so many bytes: the largest window that a level up to 19 has, and what it decodes into.
  static func scratchBytes(_ bytes: Int) -> Int { min(bytes, 8 << 20) + 1 << 18 }

  deinit {
    try? lane.finish()
    ccodec_zstd_decoder_free(decoder)
  }

  /// Takes the next bytes of the frame, which stay as they are until the next ones were taken.
  package func add(_ bytes: UnsafeRawBufferPointer) {
    // Unsafe to send in general; here the caller leaves the bytes alone.
    nonisolated(unsafe) let bytes = bytes
    // Decoding throws nothing, so nothing is told here.
    try? lane.begin { self.decode(bytes) }
  }

  /// Of all that the frame holds; `nil` when it is none, or not a whole one.
  package func finish() -> Checksum? {
    try? lane.finish()
    return isComplete && isSound ? checksum : nil
  }

  private func decode(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    repeat {
      let source = rest.assumingMemoryBound(to: UInt8.self).baseAddress
      let target = decoded.bytes.assumingMemoryBound(to: UInt8.self).baseAddress
      let step = ccodec_zstd_decode(decoder, source, rest.count, target, decoded.bytes.count)
      guard isSound, !isComplete, step.outcome == .more || step.outcome == .end else { return isSound = false }
      checksum.update(UnsafeRawBufferPointer(rebasing: decoded.bytes[..<step.produced]))
      isComplete = step.outcome == .end
      rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
      // The library may hold decoded bytes back although all input is used.
      if rest.isEmpty, isComplete || step.produced < decoded.bytes.count { return }
    } while true
  }
}
