import ByteStreams
import SeededNumbers
import Testing
import Volumes

/// The index in the gzip header is a hint: whatever it says, what is read is what a reader gets who does not know it.
@Suite struct GzipIndexTests {
  /// Two whole chunks and a bit, in three spans.
  private static let bytes = Sample.scanLike(2 * GzipSink.chunk + 4_321)
  private static let file: [UInt8] = (try? encode(bytes, .gzip)) ?? []

  /// Fixed header, length of the extra field, subfield's name and length, sizes, three spans.
  private static let headerBytes = 10 + 2 + 4 + 12 + 3 * 4

  /// What decoding ends in.
  private enum Ending: Equatable {
    case digest(Digest, Compression)
    case failure(FailureClass)
  }

  private func ending(_ file: [UInt8], workers: Int) -> (Ending, findings: [String]) {
    do throws(ScanFailure) {
      let decoded = try decode(file, request: 1 << 20, workers: workers)
      return (.digest(decoded.bytes.digest, decoded.source.compression), decoded.source.findings.map(\.code))
    } catch {
      return (.failure(error.failureClass), [])
    }
  }

  /// - Returns: whether lanes noticed that the index is wrong.
  @discardableResult
  private func expectSameEnding(_ file: [UInt8], _ place: String) -> Bool {
    let (plain, _) = ending(file, workers: 1)
    let (indexed, findings) = ending(file, workers: 4)
    #expect(plain == indexed, "\(place)")
    return findings == ["gzip-index"]
  }

  @Test func `the header holds the sizes of the chunks`() throws {
    let file = Self.file
    #expect(Array(file[..<4]) == [0x1f, 0x8b, 8, 4])
    #expect(Array(file[10..<16]) == [28, 0, UInt8(ascii: "m"), UInt8(ascii: "f"), 24, 0])
    let sizes = stride(from: 28, to: Self.headerBytes, by: 4).map { at in
      (0..<4).reduce(0) { $0 | Int(file[at + $1]) << (8 * $1) }
    }
    #expect(sizes.reduce(0, +) == file.count - Self.headerBytes - 8)
    #expect(ending(file, workers: 4) == (.digest(Self.bytes.digest, .gzip), []))
  }

  @Test func `small files and unknown sizes need none`() throws {
    #expect(try encode(Sample.scanLike(GzipSink.chunk), .gzip)[3] == 0)
    let below = BytesSink()
    let sink = try GzipSink(into: below, level: 1, workers: .init(count: 2), pledgedSize: nil)
    try sink.write(Self.bytes)
    try sink.finish()
    #expect(below.bytes[3] == 0)
    #expect(try decode(below.bytes, workers: 4).bytes.digest == Self.bytes.digest)
  }

  @Test func `every flipped bit of header and index ends as without the index`() {
    var noticed = 0
    for bit in 0..<Self.headerBytes * 8 {
      var damaged = Self.file
      damaged[bit / 8] ^= 1 << (bit % 8)
      if expectSameEnding(damaged, "bit \(bit)") { noticed += 1 }
    }
    // Most bits of the sizes make an index that looks sound and is not.
    #expect(noticed > 50)
  }

  @Test func `every kind of damage behind the header ends as without the index`() {
    var numbers = SeededNumbers(seed: 11)
    for _ in 0..<100 {
      var damaged = Self.file
      let place = Int.random(in: Self.headerBytes..<damaged.count, using: &numbers)
      damaged[place] ^= UInt8.random(in: 1...255, using: &numbers)
      expectSameEnding(damaged, "byte \(place)")
      expectSameEnding(Array(Self.file[..<place]), "cut at \(place)")
    }
    for count in Self.file.count - 12..<Self.file.count {
      expectSameEnding(Array(Self.file[..<count]), "cut at \(count)")
    }
    expectSameEnding(Self.file + Self.file, "two members")
    expectSameEnding(Self.file + [1, 2, 3], "trailing bytes")
  }

  // MARK: - Streams made by hand

  /// A member with an index that says what the caller wants.
  private func member(_ stream: [UInt8], decoded: [UInt8], span: Int, sizes: [Int]) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let content = little(decoded.count, 8) + little(span, 4) + sizes.flatMap { little($0, 4) }
    let field = Array("mf".utf8) + little(content.count, 2) + content
    return [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255] + little(field.count, 2) + field + stream
      + little(Int(checksum(decoded)), 4) + little(decoded.count, 4)
  }

  /// CRC-32 of gzip, bit by bit.
  private func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
    }
  }

  private func stored(_ bytes: [UInt8], final: Bool) -> [UInt8] {
    let count = UInt8(bytes.count)
    return [final ? 1 : 0, count, 0, ~count, 0xff] + bytes
  }

  private let eight = Array("abcdefgh".utf8)

  @Test func `spans that stand alone are read as such, whoever made them`() {
    let file = member(
      stored(eight, final: false) + stored(eight, final: true), decoded: eight + eight, span: 8, sizes: [13, 13])
    #expect(ending(file, workers: 2) == (.digest((eight + eight).digest, .gzip), []))
  }

  @Test func `a span that refers to the one before is decoded after it`() {
    // Final block, fixed codes: length 3 at distance 8, end of block; least significant bit first.
    let repeats: [UInt8] = bits("1" + "10" + "0000001" + "00101" + "1" + "0000000")
    let decoded = eight + eight[..<3]
    let file = member(stored(eight, final: false) + repeats, decoded: decoded, span: 8, sizes: [13, repeats.count])
    #expect(ending(file, workers: 1) == (.digest(decoded.digest, .gzip), []))
    #expect(ending(file, workers: 4) == (.digest(decoded.digest, .gzip), ["gzip-index"]))
  }

  @Test func `a stream that ends in an early span ends there`() {
    let file = member(
      stored(eight, final: true) + stored(eight, final: true), decoded: eight + eight, span: 8, sizes: [13, 13])
    #expect(ending(file, workers: 1).0 == .failure(.gzipChecksum))
    #expect(ending(file, workers: 4).0 == .failure(.gzipChecksum))
  }

  @Test func `a span that ends within a block is none`() {
    let stream = stored(eight + eight, final: true)
    for cut in 1..<stream.count {
      let file = member(stream, decoded: eight + eight, span: 8, sizes: [cut, stream.count - cut])
      let (found, findings) = ending(file, workers: 4)
      #expect(found == .digest((eight + eight).digest, .gzip), "cut at \(cut)")
      // Sizes beyond what compressing ever gives make an index that is passed over.
      #expect(findings == ["gzip-index"] || cut < 3 || cut > stream.count - 3, "cut at \(cut)")
    }
  }

  @Test func `an index that claims too much is not believed`() {
    let stream = stored(eight, final: true)
    for sizes in [[], [0], [Int(UInt32.max)], [13, 1], [12], [14]] {
      for span in [0, 1, 7, 8, 9, 1 << 20, 1 << 31] {
        let file = member(stream, decoded: eight, span: span, sizes: sizes)
        #expect(ending(file, workers: 4).0 == .digest(eight.digest, .gzip), "\(sizes), \(span)")
      }
    }
  }

  /// Bits in the order in which deflate packs them; Huffman codes are given from their first bit on.
  private func bits(_ text: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (text.utf8.count + 7) / 8)
    for (place, bit) in text.utf8.enumerated() where bit == UInt8(ascii: "1") { bytes[place / 8] |= 1 << (place % 8) }
    return bytes
  }
}
