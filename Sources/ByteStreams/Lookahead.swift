import CCodec
import Glibc
import Volumes

/// A source with a buffer in front, so that decoders can look at bytes before they take them.
final class Lookahead {
  private let source: any ByteSource
  private let buffer: UnsafeMutableRawBufferPointer
  private var filled: Range<Int> = 0..<0
  private var ended = false
  /// Bytes that were taken and given back; they come before the source's.
  private var returned: ArraySlice<UInt8> = []

  /// Large enough that a read is worth its call, small enough to stay in the cache until it is decoded.
  static let capacity = 256 << 10
  /// Of the first read: who plans looks at thousands of headers, and takes nothing else from the files.
  private static let firstRead = 4 << 10

  /// - Throws: `E_LIMIT_MEM` when the system has no memory to give.
  init(_ source: any ByteSource) throws(ScanFailure) {
    // Swift's own way ends the process where there is no memory.
    guard let address = malloc(Lookahead.capacity) else { throw outOfCodecMemory() }
    self.source = source
    buffer = UnsafeMutableRawBufferPointer(start: address, count: Lookahead.capacity)
  }

  deinit {
    // What was read last may still be hashed where it is.
    settle()
    free(buffer.baseAddress)
  }

  /// The bytes that are here now; valid until the next call that changes anything.
  var available: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[filled]) }

  /// At least `count` bytes, or fewer at the end of the source. `count` is at most the capacity.
  func peek(_ count: Int) throws(ScanFailure) -> UnsafeRawBufferPointer {
    while filled.count < count, !ended {
      // What is moved and overwritten may still be hashed where it is.
      settle()
      if filled.lowerBound > Int(ccodec_inflate_returns) { moveToFront() }
      let isFirst = filled == 0..<0
      let end = isFirst ? max(count, Self.firstRead) : buffer.count
      let read = try refill(UnsafeMutableRawBufferPointer(rebasing: buffer[filled.upperBound..<end]))
      filled = filled.lowerBound..<filled.upperBound + read
      ended = read == 0
    }
    return available
  }

  /// Takes `count` of the available bytes away; a negative count gives back some that were taken last.
  func consume(_ count: Int) {
    filled = filled.lowerBound + count..<filled.upperBound
  }

  /// Copies what is there, at least one byte unless the source has ended; large reads go around the buffer.
  func read(into target: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    if filled.isEmpty, target.count >= Lookahead.capacity, !ended {
      // What was read before may still be hashed: whoever hands over the same place again settles first.
      let count = try refill(target)
      ended = count == 0
      return count
    }
    let bytes = try peek(1).prefix(target.count)
    target.copyBytes(from: bytes)
    consume(bytes.count)
    return bytes.count
  }

  /// Reads until `target` is full or the source ends.
  func readFully(into target: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    var count = 0
    while count < target.count {
      let more = try read(into: UnsafeMutableRawBufferPointer(rebasing: target[count...]))
      if more == 0 { break }
      count += more
    }
    return count
  }

  /// Puts bytes that were taken last in front again, whatever their number.
  func giveBack(_ bytes: UnsafeRawBufferPointer) {
    returned = Array(bytes) + Array(available) + returned
    filled = 0..<0
    ended = false
  }

  /// Returns when nobody looks any more at bytes that were read, but for the last pieces; see `ByteSource`.
  func settle(leaving pieces: Int = 0) { source.settle(leaving: pieces) }

  private func refill(_ target: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    if returned.isEmpty { return try source.read(into: target) }
    let bytes = returned.prefix(target.count)
    target.copyBytes(from: bytes)
    returned = returned.dropFirst(bytes.count)
    return bytes.count
  }

  private func moveToFront() {
    let kept = min(Int(ccodec_inflate_returns), filled.lowerBound)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[filled.lowerBound - kept..<filled.upperBound]))
    filled = kept..<kept + filled.count
  }
}
