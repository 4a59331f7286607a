import ByteStreams
import VolumeIO
import Volumes

/// Bytes in memory, handed out in pieces of at most `piece` bytes.
final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private let piece: Int
  private(set) var position = 0

  init(_ bytes: [UInt8], piece: Int = .max) {
    self.bytes = bytes
    self.piece = piece
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    let count = min(buffer.count, piece, bytes.count - position)
    buffer.copyBytes(from: bytes[position..<position + count])
    position += count
    return count
  }
}

final class MemorySink: ByteSink {
  private(set) var bytes: [UInt8] = []
  func write(_ bytes: UnsafeRawBufferPointer) throws(ScanFailure) { self.bytes += bytes }
  func finish() throws(ScanFailure) {}
}

extension HeaderBuilder {
  func parse(_ leniencies: Set<Leniency> = []) throws(ScanFailure) -> ScanHeader {
    try ScanHeader.parse(from: MemorySource(bytes), form: form, leniencies: leniencies)
  }
}

/// The failure that `body` ends with, `nil` if it ends well.
func failure<Value>(of body: () throws(ScanFailure) -> Value) -> ScanFailure? {
  do {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

/// A generator whose numbers depend on the seed alone (SplitMix64, doi:10.1145/2714064.2660195).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
