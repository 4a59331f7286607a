import ByteStreams
import Parallel
import SeededNumbers
import Testing
import Volumes

/// Marks between chunks, and what the header says of them, are hints: whatever they say, what is read is what a reader
/// gets who does not know them.
@Suite struct GzipSpansTests {
  private static let chunk = GzipSink.chunk
  /// Two whole chunks and a bit.
  private static let bytes = Sample.scanLike(2 * chunk + 4_321)
  private static let file: [UInt8] = (try? encode(bytes, .gzip)) ?? []

  /// Fixed header, length of the extra field, subfield's name and length, two sizes.
  private static let headerBytes = 10 + 2 + 4 + 12
  private static let sizes = 16..<28

  private func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The file, announcing other sizes.
  private func announcing(_ decodedBytes: Int, _ span: Int, _ file: [UInt8] = file) -> [UInt8] {
    var changed = file
    changed.replaceSubrange(Self.sizes, with: little(decodedBytes, 8) + little(span, 4))
    return changed
  }

  @Test func `the header announces the spans`() throws {
    let header: [UInt8] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 16, 0, UInt8(ascii: "m"), UInt8(ascii: "f"), 12, 0]
    #expect(Array(Self.file[..<16]) == header)
    #expect(Array(Self.file[Self.sizes]) == little(Self.bytes.count, 8) + little(Self.chunk, 4))
    Ending.expect(Self.bytes, from: Self.file, noticed: false)
  }

  @Test(arguments: 1...9)
  func `every chunk but the last ends with a mark, compressed or stored`(level: Int) throws {
    for (bytes, isStored) in [(Self.bytes, false), (Sample.noise(Self.bytes.count), true)] {
      let file = try encode(bytes, .gzip, level: level, workers: 3)
      #expect(Mark.places(in: file).count == 2)
      #expect((file.count > bytes.count) == isStored)
      Ending.expect(bytes, from: file, noticed: false)
    }
  }

  @Test(arguments: [1, 4], [-1, 0, 1])
  func `sizes around the chunk have as many marks as it takes`(level: Int, offset: Int) throws {
    for chunks in [1, 2, 3] {
      let bytes = Sample.scanLike(chunks * Self.chunk + offset)
      let file = try encode(bytes, .gzip, level: level)
      #expect(Mark.places(in: file).count == chunks - (offset > 0 ? 0 : 1))
      #expect(file[3] == (bytes.count > Self.chunk ? 4 : 0))
      Ending.expect(bytes, from: file, noticed: false)
    }
  }

  @Test func `an unknown size is not announced`() throws {
    let below = BytesSink()
    let sink = try GzipSink(into: below, level: 1, workers: Workers(count: 2), pledgedSize: nil)
    try sink.write(Self.bytes)
    try sink.finish()
    #expect(below.bytes[3] == 0)
    #expect(Mark.places(in: below.bytes).count == 2)
    Ending.expect(Self.bytes, from: below.bytes, noticed: false)
  }

  /// Lanes read ahead as much as chunks can take, which these do not.
  @Test func `chunks of very different sizes`() throws {
    let bytes = (0..<40).flatMap { number in
      number % 3 == 0 ? Sample.noise(Self.chunk, seed: 3) : [UInt8](repeating: 7, count: Self.chunk)
    }
    let file = try encode(bytes, .gzip)
    for workers in [2, 3, 4] {
      for piece in [70_001, Int.max] {
        let decoded = try decode(file, piece: piece, request: 700_000, workers: workers)
        #expect(decoded.bytes.digest == bytes.digest)
        #expect(decoded.source.findings.isEmpty)
      }
    }
  }

  // MARK: - Damage

  @Test func `every flipped bit of the header ends as without spans`() {
    var noticed = 0
    for bit in 0..<Self.headerBytes * 8 {
      var damaged = Self.file
      damaged[bit / 8] ^= 1 << (bit % 8)
      if Ending.expectSame(damaged, "bit \(bit)") { noticed += 1 }
    }
    // Most bits of the bytes in all announce something that looks sound and is not.
    #expect(noticed > 40)
  }

  @Test func `every flipped bit of a mark ends as without spans`() throws {
    for place in Mark.places(in: Self.file) {
      for bit in place * 8..<(place + Mark.bytes.count) * 8 {
        var damaged = Self.file
        damaged[bit / 8] ^= 1 << (bit % 8)
        Ending.expectSame(damaged, "bit \(bit)")
      }
    }
  }

  @Test func `every kind of damage behind the header ends as without spans`() {
    var numbers = SeededNumbers(seed: 11)
    for _ in 0..<100 {
      var damaged = Self.file
      let place = Int.random(in: Self.headerBytes..<damaged.count, using: &numbers)
      damaged[place] ^= UInt8.random(in: 1...255, using: &numbers)
      Ending.expectSame(damaged, "byte \(place)")
      Ending.expectSame(Array(Self.file[..<place]), "cut at \(place)")
    }
    for count in Self.file.count - 12..<Self.file.count {
      Ending.expectSame(Array(Self.file[..<count]), "cut at \(count)")
    }
    Ending.expectSame(Self.file + Self.file, "two members")
    Ending.expectSame(Self.file + [1, 2, 3], "trailing bytes")
  }

  // MARK: - Marks that are wrong in files that are sound

  @Test func `a mark within a chunk is none`() throws {
    for (count, place) in [(Self.bytes.count, 500_000), (Self.bytes.count, Self.chunk + 9), (2 * Self.chunk, 77)] {
      var bytes = Sample.noise(count)
      bytes.replaceSubrange(place..<place + Mark.bytes.count, with: Mark.bytes)
      let file = try encode(bytes, .gzip)
      #expect(Mark.places(in: file).count == (count - 1) / Self.chunk + 1)
      Ending.expect(bytes, from: file, noticed: true, "\(count), \(place)")
    }
  }

  @Test func `a chunk whose last bytes begin a mark costs nothing`() throws {
    var bytes = Sample.noise(Self.chunk + 1_000)
    bytes.replaceSubrange(Self.chunk - 4..<Self.chunk, with: [0, 0, 0xff, 0xff])
    Ending.expect(bytes, from: try encode(bytes, .gzip), noticed: false)
  }

  @Test(arguments: [false, true])
  func `a missing mark is missed, and nothing else`(isStored: Bool) throws {
    let bytes = isStored ? Sample.noise(Self.bytes.count) : Self.bytes
    let file = try encode(bytes, .gzip)
    let places = Mark.places(in: file)
    for missing in [[0], [1], [1, 0]] {
      var changed = file
      for place in missing { changed.removeSubrange(places[place] + 4..<places[place] + 9) }
      #expect(Mark.places(in: changed).count == 2 - missing.count)
      Ending.expect(bytes, from: changed, noticed: true, "\(missing)")
    }
  }

  @Test func `an announcement that lies is not believed`() throws {
    let count = Self.bytes.count
    // Spans that are too short to be worth it, or too long, are passed over like announcements of one span.
    for span in [0, 1, 1 << 16 - 1, 1 << 20 + 1, 1 << 31] {
      Ending.expect(Self.bytes, from: announcing(count, span), noticed: false, "\(span)")
    }
    for span in [1 << 16, 1 << 19, 1 << 20 - 1] {
      Ending.expect(Self.bytes, from: announcing(count, span), noticed: true, "\(span)")
    }
    for bytes in [0, 1, Self.chunk, 1 << 50 + 1, 1 << 63] {
      Ending.expect(Self.bytes, from: announcing(bytes, Self.chunk), noticed: false, "\(bytes)")
    }
    for bytes in [Self.chunk + 1, 2 * Self.chunk, count - 1, count + 1, 3 * Self.chunk + 1, 1 << 50] {
      Ending.expect(Self.bytes, from: announcing(bytes, Self.chunk), noticed: true, "\(bytes)")
    }
  }

  @Test func `a subfield of another length is somebody else's`() throws {
    for more in [-12, -1, 1, 4, 12] {
      let content = Array((Self.file[Self.sizes] + [UInt8](repeating: 9, count: max(more, 0))).prefix(12 + more))
      let subfield = Array("mf".utf8) + little(content.count, 2) + content
      var changed = announcing(Self.bytes.count + 1, Self.chunk)
      changed.replaceSubrange(10..<Self.headerBytes, with: little(subfield.count, 2) + subfield)
      Ending.expect(Self.bytes, from: changed, noticed: false, "\(more)")
    }
  }

  @Test func `subfields of others may stand beside ours`() throws {
    let other = Array("ab".utf8) + little(3, 2) + [1, 2, 3]
    let field = other + Self.file[12..<Self.headerBytes] + other
    var changed = Self.file
    changed.replaceSubrange(10..<Self.headerBytes, with: little(field.count, 2) + field)
    Ending.expect(Self.bytes, from: changed, noticed: false)
    changed.replaceSubrange(12 + other.count + 4..<12 + other.count + 6, with: [7, 7])
    Ending.expect(Self.bytes, from: changed, noticed: true)
  }
}
