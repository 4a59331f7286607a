import CCodec
import Volumes

/// The compressed bytes of a gzip member, found span by span by the marks between them.
///
/// Reads large pieces around every other buffer, so that a source can hash them beside the decoding.
final class CompressedSpans {
  private let input: Lookahead
  private let mostBytes: Int
  private let memory: MappedMemory
  /// Bytes that were read and neither consumed nor given back.
  private var filled: Range<Int> = 0..<0

  /// Of one read.
  private static let piece = 1 << 20

  /// - Parameters:
  ///   - mostBytes: of one span, its mark included.
  ///   - atOnce: spans that are asked for at once, at most.
  init(of input: Lookahead, mostBytes: Int, atOnce: Int) throws(ScanFailure) {
    self.input = input
    self.mostBytes = mostBytes
    memory = try codecMemory(atOnce * mostBytes)
  }

  // What was read last may still be hashed where it is.
  deinit { input.settle() }

  /// The bytes of the next spans, valid until the next call; `nil` when a mark is missing.
  ///
  /// - Parameter endsMember: whether the last of them ends the member, so that it has no mark, and may be followed by
  ///   other bytes here.
  func next(_ count: Int, endsMember: Bool) throws(ScanFailure) -> [UnsafeRawBufferPointer]? {
    moveToFront()
    var ends = [0]
    for number in 0..<count {
      let isLast = endsMember && number == count - 1
      guard let length = try isLast ? rest(from: ends[number]) : marked(from: ends[number]) else { return nil }
      ends.append(ends[number] + length)
    }
    return zip(ends, ends.dropFirst()).map { UnsafeRawBufferPointer(rebasing: memory.bytes[$0..<$1]) }
  }

  /// Takes the first of the bytes away.
  func consume(_ count: Int) { filled = filled.lowerBound + count..<filled.upperBound }

  /// Leaves to the input what was not consumed.
  func giveBack() {
    input.giveBack(UnsafeRawBufferPointer(rebasing: memory.bytes[filled]))
    filled = 0..<0
  }

  /// The bytes of the span that begins at `begin`, if it has a mark.
  private func marked(from begin: Int) throws(ScanFailure) -> Int? {
    var searched = begin
    while true {
      let end = min(filled.upperBound, begin + mostBytes)
      let length = marked(UnsafeRawBufferPointer(rebasing: memory.bytes[searched..<end]))
      if length > 0 { return searched - begin + length }
      guard end < begin + mostBytes, try fill() else { return nil }
      // A mark may lie across the end of a piece.
      searched = max(begin, end - Int(ccodec_mark_count) + 1)
    }
  }

  private func marked(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let address = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return 0 }
    return ccodec_marked(address, bytes.count)
  }

  /// The bytes from `begin` on among which the member ends.
  private func rest(from begin: Int) throws(ScanFailure) -> Int {
    while filled.upperBound < begin + mostBytes, try fill() {}
    return min(filled.upperBound - begin, mostBytes)
  }

  /// Reads on; false at the end of the source.
  private func fill() throws(ScanFailure) -> Bool {
    let room = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[filled.upperBound...].prefix(Self.piece))
    let read = try input.readFully(into: room)
    filled = filled.lowerBound..<filled.upperBound + read
    return read > 0
  }

  private func moveToFront() {
    // What is moved and overwritten may still be hashed where it is.
    input.settle()
    memory.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[filled]))
    filled = 0..<filled.count
  }
}
