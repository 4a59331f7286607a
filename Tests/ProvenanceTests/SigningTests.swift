import ByteStreams
import DurableIO
import Provenance
import SeededNumbers
import SimulatedDisk
import StrictJSON
import Testing

/// Whoever can write a log and its head, and has not the key, is found by whoever has the public key.
@Suite struct SigningTests {
  static func trusted(_ bytes: UInt8...) throws -> [PublicKey] { try bytes.map { try key($0).publicKey } }

  /// The same lines with hashes that fit: what a forger without a key makes. `lines` hold no chain yet.
  static func chained(_ lines: [[UInt8]]) throws -> [[UInt8]] {
    let id = try #require(JSONReader.parse(lines[0])["log"]?.string)
    var prev = SHA256.digest(of: Array("medfilter-provenance/1\n\(id)".utf8))
    return try lines.enumerated().map { seq, line in
      let text = String(decoding: line, as: UTF8.self)
      let time = try #require(text.firstRange(of: ",\"time\""))
      let forged = Array("{\"v\":1,\"seq\":\(seq),\"prev\":\"\(prev)\"\(text[time.lowerBound...])".utf8)
      prev = MerkleTree.leaf(forged)
      return forged
    }
  }

  static func head(over lines: [[UInt8]]) throws -> LogHead {
    var tree = MerkleTree()
    for line in lines { tree.append(MerkleTree.leaf(line)) }
    let id = try #require(JSONReader.parse(lines[0])["log"]?.string)
    return LogHead(logID: id, size: tree.count, root: tree.root)
  }

  @Test func `a head that openssl signed verifies`() throws {
    let files = LogFiles(log: try golden("signed.jsonl"), head: try golden("signed.head"))
    let public1 = try #require(Base64.decode("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="))
    let key = try #require(PublicKey(bytes: public1))
    for keys in [[], [key]] {
      let report = try files.verify(trusting: keys)
      #expect(report.problems == [] && report.warnings == [])
      #expect(report.signer == key)
    }
    #expect(try files.verify(trusting: Self.trusted(1)).problems.map(\.kind) == [.signature])
  }

  @Test func `clean signed logs raise no alarm`() throws {
    for scans in 0..<30 {
      let report = try LogFiles.sample(scans: scans, key: key(1)).verify(trusting: Self.trusted(1))
      #expect(report.problems == [] && report.warnings == [])
      #expect(report.lines == 2 * scans + 5)
    }
  }

  @Test func `an unsigned log is found by whoever expects a signature`() throws {
    #expect(try LogFiles.sample(scans: 2).verify(trusting: Self.trusted(1)).problems.map(\.kind) == [.signature])
  }

  @Test func `every flipped bit of a signed head is found`() throws {
    let sample = try LogFiles.sample(scans: 2, key: key(1))
    for bit in 0..<(sample.head?.count ?? 0) * 8 {
      var files = sample
      files.head?[bit / 8] ^= 1 << (bit % 8)
      #expect(try !files.verify().problems.isEmpty, "bit \(bit)")
    }
  }

  @Test func `a signature that is cut off is found`() throws {
    var files = try LogFiles.sample(scans: 2, key: key(1))
    files.head = Array(try Self.head(over: files.lines).text.utf8)
    #expect(try files.verify().problems.map(\.kind) == [.signature])
    files.head? += Array("\n".utf8)
    #expect(try files.verify().problems.map(\.kind) == [.head])
  }

  @Test func `logs written anew without the key are found`() throws {
    var tally = Tally()
    var numbers = SeededNumbers(seed: 11)
    let sample = try LogFiles.sample(scans: 20, key: key(1))
    let trusted = try Self.trusted(1)
    for forgery in 0..<200 {
      var files = sample
      var lines = sample.lines
      let place = Int.random(in: 2..<lines.count - 1, using: &numbers)
      switch forgery % 3 {
      case 0: lines.remove(at: place)
      case 1: lines.swapAt(place, place == lines.count - 2 ? 2 : place + 1)
      default:
        lines[place] = Array(
          String(decoding: lines[place], as: UTF8.self).replacing(":\"image\"", with: ":\"mask\"").utf8)
      }
      files.lines = try Self.chained(lines)
      if files.lines == sample.lines { continue }
      // With the old signature, with none, with the forger's own key, and with a log that never had one.
      let head = try Self.head(over: files.lines)
      for note in [sample.head, head.note(signedBy: nil), head.note(signedBy: try key(9))] {
        files.head = note
        tally.expect(try !files.verify(trusting: trusted).problems.isEmpty, "forgery \(forgery)")
      }
      lines.remove(at: 1)
      files.lines = try Self.chained(lines)
      files.head = try Self.head(over: files.lines).note(signedBy: nil)
      tally.expect(
        try files.verify(trusting: trusted).problems.contains { $0.kind == .signature }, "forgery \(forgery)")
    }
    tally.tell("logs written anew without the key")
  }

  @Test func `a key has no say about lines before its own`() throws {
    var tally = Tally()
    var batch = Batch(disk: CrashDisk(), scans: (0..<25).map { "sub-\($0).nii" }, key: try key(1))
    try batch.run()
    let before = LogFiles(of: batch)
    batch.key = try key(2)
    try batch.run()
    let after = LogFiles(of: batch)
    #expect(try after.verify(trusting: Self.trusted(2)).problems == [])
    #expect(try after.verify(trusting: Self.trusted(1)).problems.map(\.kind) == [.signature])
    // Whoever has the later key cuts the log back to the earlier one's time, and signs that.
    for size in 3...before.lines.count {
      var forged = after
      forged.lines = Array(after.lines.prefix(size))
      forged.head = try Self.head(over: forged.lines).note(signedBy: key(2))
      let problems = try forged.verify(trusting: Self.trusted(1, 2)).problems
      tally.expect(problems.contains { $0.kind == .signature }, "size \(size)")
    }
    tally.tell("logs cut back and signed with a later key")
  }

  @Test func `a signed log is not continued without a key, nor behind a forged head`() throws {
    var batch = Batch(disk: CrashDisk(), key: try key(1))
    try batch.run()
    batch.key = nil
    #expect(throws: Batch.Stop.self) { try batch.run() }
    batch.key = try key(1)
    let files = LogFiles(of: batch)
    batch.disk.tamper("\(Batch.root)/provenance.head", with: try Self.head(over: files.lines).note(signedBy: nil))
    #expect(throws: Batch.Stop.self) { try batch.run() }
    batch.disk.tamper("\(Batch.root)/provenance.head", with: files.head)
    #expect(try batch.run() == 0)
  }

  @Test func `a log that was begun without a key takes one up`() throws {
    var batch = Batch(disk: CrashDisk())
    try batch.run()
    batch.key = try key(1)
    try batch.run()
    let report = try batch.verify { $0.keys = try Self.trusted(1) }
    #expect(report.problems == [] && report.warnings == [])
  }

  @Test func `signatures of witnesses are left alone`() throws {
    var files = try LogFiles.sample(scans: 1, key: key(1))
    files.head? += Array("— witness.example/w1 \(Base64.encode([UInt8](repeating: 5, count: 68)))\n".utf8)
    #expect(try files.verify(trusting: Self.trusted(1)).problems == [])
  }
}
