import Provenance
import SeededNumbers
import SimulatedDisk
import Testing

/// Whatever is done to a log, short of making a new one that fits, is found.
@Suite struct TamperTests {
  /// In full size a log of 1,000 lines.
  static let scans = isFull ? 498 : 60
  static let sample = Result { try LogFiles.sample(scans: scans) }

  static func problems(_ change: (inout LogFiles) -> Void) throws -> [Problem] {
    var files = try sample.get()
    change(&files)
    return try files.verify().problems
  }

  @Test func `clean logs raise no alarm`() throws {
    var tally = Tally()
    for scans in 0..<(isFull ? 1000 : 100) {
      let report = try LogFiles.sample(scans: scans).verify()
      tally.expect(report.problems == [] && report.warnings == [], "\(report.problems) \(report.warnings)")
      #expect(report.lines == 2 * scans + 4)
    }
    tally.tell("clean logs without an alarm")
  }

  @Test func `every deleted line is found`() throws {
    var tally = Tally()
    for line in 0..<2 * Self.scans + 4 {
      tally.expect(try !Self.problems { $0.lines.remove(at: line) }.isEmpty, "line \(line + 1)")
    }
    tally.tell("lines deleted from a log")
  }

  @Test func `every duplicated line is found`() throws {
    var tally = Tally()
    for line in 0..<2 * Self.scans + 4 {
      tally.expect(try !Self.problems { $0.lines.insert($0.lines[line], at: line) }.isEmpty, "line \(line + 1)")
    }
    tally.tell("lines doubled")
  }

  @Test func `every swap of neighbours is found`() throws {
    var tally = Tally()
    for line in 0..<2 * Self.scans + 3 {
      tally.expect(try !Self.problems { $0.lines.swapAt(line, line + 1) }.isEmpty, "line \(line + 1)")
    }
    tally.tell("neighbouring lines exchanged")
  }

  @Test func `every pair of joined lines is found`() throws {
    var tally = Tally()
    for line in 0..<2 * Self.scans + 3 {
      let found = try Self.problems { files in
        let next = files.lines.remove(at: line + 1)
        files.lines[line] += next
      }
      tally.expect(!found.isEmpty, "line \(line + 1)")
    }
    tally.tell("lines joined")
  }

  @Test func `cutting the log anywhere is found`() throws {
    var tally = Tally()
    let length = try Self.sample.get().log.count
    for end in stride(from: 0, to: length, by: isFull ? length / 1000 : 37) {
      tally.expect(try !Self.problems { $0.log = Array($0.log[..<end]) }.isEmpty, "cut at \(end)")
    }
    tally.tell("logs cut off")
  }

  @Test func `every flipped bit of the head is found`() throws {
    var tally = Tally()
    let bits = try #require(try Self.sample.get().head).count * 8
    for bit in 0..<bits {
      tally.expect(try !Self.problems { $0.head?[bit / 8] ^= 1 << (bit % 8) }.isEmpty, "bit \(bit)")
    }
    tally.tell("bits of heads flipped")
  }

  @Test(arguments: 0..<4) func `random flipped bits are found`(seed: UInt64) throws {
    var tally = Tally()
    var numbers = SeededNumbers(seed: seed)
    let bits = try Self.sample.get().log.count * 8
    for _ in 0..<(isFull ? 2500 : 750) {
      let bit = Int.random(in: 0..<bits, using: &numbers)
      tally.expect(try !Self.problems { $0.log[bit / 8] ^= 1 << (bit % 8) }.isEmpty, "bit \(bit), seed \(seed)")
    }
    tally.tell("random bits of a log flipped, seed \(seed)")
  }

  @Test func `random other changes are found`() throws {
    var tally = Tally()
    var numbers = SeededNumbers(seed: 7)
    let length = try Self.sample.get().log.count
    for _ in 0..<500 {
      let place = Int.random(in: 0..<length, using: &numbers)
      let byte = UInt8.random(in: 0...255, using: &numbers)
      tally.expect(try !Self.problems { $0.log.insert(byte, at: place) }.isEmpty, "byte \(byte) at \(place)")
      tally.expect(try !Self.problems { $0.log.remove(at: place) }.isEmpty, "removed \(place)")
      tally.expect(try !Self.problems { $0.log.insert(10, at: place) }.isEmpty, "split at \(place)")
    }
    tally.tell("bytes put in or taken out")
  }

  @Test func `changed line ends are found and named`() throws {
    let all = try Self.problems { $0.log = $0.log.flatMap { $0 == 10 ? [13, 10] : [$0] } }
    #expect(all.contains { $0.kind == .carriageReturn })
    let last = try Self.problems { $0.log.insert(13, at: $0.log.count - 1) }
    #expect(last.first?.kind == .carriageReturn)
  }

  @Test func `a longer or a missing head is found`() throws {
    #expect(try Self.problems { $0.head = nil }.map(\.kind) == [.head])
    #expect(try Self.problems { $0.head? += Array("\n— key AAAA\n".utf8) }.map(\.kind) == [.head])
    #expect(try Self.problems { $0.head = [] }.map(\.kind) == [.head])
  }

  @Test func `an over-long line is found without being kept`() throws {
    let long = [UInt8](repeating: UInt8(ascii: " "), count: 3 << 20)
    let found = try Self.problems { $0.lines.insert(long, at: 5) }
    #expect(found.first?.kind == .tooLong)
    #expect(found.first?.line == 6)
  }

  @Test func `a key that stands twice is found and named`() throws {
    let found = try Self.problems { files in
      files.lines[1] = Array(String(decoding: files.lines[1].dropLast(), as: UTF8.self).utf8) + Array(",\"v\":1}".utf8)
    }
    #expect(found.first?.description.contains("every key once") == true)
  }

  @Test func `numbers at the end of all numbers are found, not added to`() throws {
    let found = try Self.problems { files in
      for (line, seq) in [(5, Int.max - 1), (6, Int.max), (7, 1 << 62), (8, 1 << 62 + 1)] {
        let text = String(decoding: files.lines[line], as: UTF8.self)
        files.lines[line] = Array(text.replacing("\"seq\":\(line),", with: "\"seq\":\(seq),").utf8)
      }
    }
    #expect(found.contains { $0.kind == .sequence && $0.found == "\(Int.max)" })
  }

  @Test func `problems are told once each, with line, expected and found`() throws {
    let found = try Self.problems { $0.lines.remove(at: 10) }
    #expect(found.map(\.kind).contains(.truncated))
    #expect(
      found.filter { $0.kind == .sequence }.map(\.description) == ["line 11: sequence: expected seq 10, found 11"])
    #expect(found.filter { $0.kind == .chain }.count == 1)
  }
}
