import CCodec
import Volumes

/// The compressed bytes of a gzip member, found span by span by the marks between them.
///
/// Reads ahead as much as the spans that are asked for at once can take, in one piece, so that a source can hash it beside
/// the decoding.
final class CompressedSpans {
  private let input: Lookahead
  private let mostBytes: Int
  private let memory: MappedMemory
  /// Bytes that were read and neither consumed nor given back.
  private var filled: Range<Int> = 0..<0
  private var ended = false

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
    var ends = [0]
    for number in 0..<count {
      let begin = ends[number]
      if filled.count < begin + mostBytes { try fill() }
      let reach = UnsafeRawBufferPointer(rebasing: memory.bytes[filled].dropFirst(begin).prefix(mostBytes))
      let isLast = endsMember && number == count - 1
      let length = isLast ? reach.count : marked(reach)
      guard length > 0 else { return nil }
      ends.append(begin + length)
    }
    let bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[filled])
    return zip(ends, ends.dropFirst()).map { UnsafeRawBufferPointer(rebasing: bytes[$0..<$1]) }
  }

  /// Takes the first of the bytes away.
  func consume(_ count: Int) { filled = filled.lowerBound + count..<filled.upperBound }

  /// Leaves to the input what was not consumed.
  func giveBack() {
    input.giveBack(UnsafeRawBufferPointer(rebasing: memory.bytes[filled]))
    filled = 0..<0
  }

  private func marked(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard let address = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return 0 }
    return ccodec_marked(address, bytes.count)
  }

  /// Reads as much as there is room for.
  private func fill() throws(ScanFailure) {
    guard !ended else { return }
    // The bytes that are moved and overwritten may still be hashed.
    input.settle()
    memory.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory.bytes[filled]))
    let room = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[filled.count...])
    let read = try input.readFully(into: room)
    ended = read < room.count
    filled = 0..<filled.count + read
  }
}
