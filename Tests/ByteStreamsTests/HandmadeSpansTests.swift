import ByteStreams
import Testing
import Volumes

/// Spans that no writer of ours makes: a lane must not take for whole what a reader from the beginning reads otherwise.
@Suite struct HandmadeSpansTests {
  /// The decoded bytes of a span, the fewest that are decoded by a lane of its own.
  private static let span = 1 << 16
  private let first = Sample.noise(span, seed: 1)
  private let second = Sample.noise(span, seed: 2)

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A member that announces spans.
  private func member(_ stream: [UInt8], decoded: [UInt8]) -> [UInt8] {
    let subfield = Array("mf".utf8) + little(12, 2) + little(decoded.count, 8) + little(Self.span, 4)
    return [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255] + little(subfield.count, 2) + subfield + stream
      + little(Int(checksum(decoded)), 4) + little(decoded.count, 4)
  }

  /// CRC-32 of gzip, bit by bit.
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
    }
  }

  private func stored(_ bytes: [UInt8], final: Bool, block most: Int = 1 << 15) -> [UInt8] {
    stride(from: 0, to: bytes.count, by: most).flatMap { start in
      let block = bytes[start...].prefix(most)
      let isLast = final && block.endIndex == bytes.count
      return [isLast ? 1 : 0] + little(block.count, 2) + little(~block.count, 2) + block
    }
  }

  /// What is stored, and a mark.
  private func marked(_ bytes: [UInt8]) -> [UInt8] { stored(bytes, final: false) + Mark.flush + Mark.flush }

  @Test func `spans that stand alone are read as such, whoever made them`() {
    let file = member(marked(first) + stored(second, final: true), decoded: first + second)
    Ending.expect(first + second, from: file, noticed: false)
  }

  @Test func `a block after the last byte belongs to the last span`() {
    let file = member(marked(first) + stored(second, final: false) + end, decoded: first + second)
    Ending.expect(first + second, from: file, noticed: false)
  }

  @Test func `a span that takes more than we ever make of it is none`() {
    let longer = (0..<6).flatMap { _ in flushed("0" + "10" + "0000000") }
    let early = stored(first, final: false) + longer + Mark.flush + stored(second, final: true)
    Ending.expect(first + second, from: member(early, decoded: first + second), noticed: true)
    let late = marked(first) + stored(second, final: false) + longer + end
    Ending.expect(first + second, from: member(late, decoded: first + second), noticed: true)
  }

  @Test func `a span that refers to the one before is decoded after it`() {
    let decoded = first + first[(Self.span - 8)...].prefix(3)
    Ending.expect(decoded, from: member(marked(first) + bits("1" + repeats), decoded: decoded), noticed: true)
  }

  @Test func `a stream that ends in an early span ends there`() {
    let file = member(
      stored(first, final: true) + Mark.flush + Mark.flush + stored(second, final: true), decoded: first + second)
    for workers in [1, 4] { #expect(Ending.of(file, workers: workers).0 == .failure(.gzipChecksum)) }
  }

  @Test func `a span that ends within a block is none`() {
    for place in [0, 1, 1 << 15 - 9, 1 << 15, Self.span - 10, Self.span - 1, Self.span, Self.span + 1] {
      let (decoded, file) = holdingMark(at: place)
      Ending.expect(decoded, from: file, noticed: true, "\(place)")
    }
    // Where a block ends anyway, the bytes are as good a mark as any.
    let (decoded, file) = holdingMark(at: Self.span - Mark.bytes.count)
    Ending.expect(decoded, from: file, noticed: false)
  }

  private func holdingMark(at place: Int) -> (decoded: [UInt8], file: [UInt8]) {
    var decoded = first + second
    decoded.replaceSubrange(place..<place + Mark.bytes.count, with: Mark.bytes)
    return (decoded, member(stored(decoded, final: true), decoded: decoded))
  }

  @Test func `a mark may begin within the byte that a block ends in`() {
    let whole = first.dropLast(3) + first.dropLast(3).suffix(8).prefix(3)
    let stream = stored(Array(first.dropLast(3)), final: false) + flushed("0" + repeats) + Mark.flush
    let file = member(stream + stored(second, final: true), decoded: whole + second)
    Ending.expect(whole + second, from: file, noticed: false)
  }

  /// Four lanes read as much at a time as eight stored spans take, and one of these is short: so the mark of the ninth is
  /// around the end of the first read.
  @Test func `a mark may lie where one read ends and the next begins`() {
    let plain = (decoded: first, stream: marked(first))
    for block in stride(from: 4_200, through: 6_600, by: 400) {
      let spans = [plain, plain, plain, plain, plain, plain, plain, repeating(250), repeating(6, block: block)]
      let whole = spans.flatMap(\.decoded) + second
      let file = member(spans.flatMap(\.stream) + stored(second, final: true), decoded: whole)
      Ending.expect(whole, from: file, noticed: false, "blocks of \(block)")
    }
  }

  /// A span that ends with so many matches of length 258 at distance 8.
  private func repeating(_ matches: Int, block: Int = 1 << 15) -> (decoded: [UInt8], stream: [UInt8]) {
    let begin = Array(first.dropLast(258 * matches))
    let rest = (0..<258 * matches).map { begin[begin.count - 8 + $0 % 8] }
    let codes = String(repeating: "11000101" + "00101" + "1", count: matches)
    let stream = stored(begin, final: false, block: block) + flushed("0" + "10" + codes + "0000000") + Mark.flush
    return (begin + rest, stream)
  }

  /// A block of fixed codes but for its first bit: length 3 at distance 8, end of block.
  private let repeats = "10" + "0000001" + "00101" + "1" + "0000000"

  /// A block, and an empty stored one that begins in the byte that it ends in.
  private func flushed(_ block: String) -> [UInt8] { bits(block + "000") + [0, 0, 0xff, 0xff] }

  /// An empty stored block that ends the stream.
  private let end: [UInt8] = [1, 0, 0, 0xff, 0xff]

  /// Bits in the order in which deflate packs them; Huffman codes are given from their first bit on.
  private func bits(_ text: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (text.utf8.count + 7) / 8)
    for (place, bit) in text.utf8.enumerated() where bit == UInt8(ascii: "1") { bytes[place / 8] |= 1 << (place % 8) }
    return bytes
  }
}
