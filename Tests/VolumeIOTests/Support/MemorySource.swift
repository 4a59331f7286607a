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
  func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) { self.bytes += bytes }
  func finish() throws(ScanFailure) {}
}

extension HeaderBuilder {
  func parse(_ leniencies: Set<Leniency> = [], policy: HeaderPolicy = .strict) throws(ScanFailure) -> ScanHeader {
    try ScanHeader.parse(from: MemorySource(bytes), form: form, leniencies: leniencies, policy: policy)
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
