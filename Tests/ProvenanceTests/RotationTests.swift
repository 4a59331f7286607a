import ByteStreams
import DurableIO
import Provenance
import SeededNumbers
import SimulatedDisk
import Testing

/// A log that is put aside stays part of the one that continues it.
@Suite struct RotationTests {
  static let log = "\(Batch.root)/provenance.jsonl"

  static func aside(_ disk: CrashDisk) -> [String] {
    disk.files.keys.filter { $0.hasPrefix("\(Batch.root)/provenance-") && $0.hasSuffix(".jsonl") }.sorted()
  }

  /// Runs with `logs` logs, each with an output of its own, the earlier ones signed with key 1.
  static func rotated(logs: Int) throws -> Batch {
    var batch = Batch(disk: try Batch.diskWithAnchor(), scans: [], key: try key(1), isAnchored: true)
    for number in 0..<logs {
      batch.scans.append("sub-\(number).nii")
      batch.longest = number == 0 ? nil : 1
      #expect(try batch.run() == 1)
    }
    batch.longest = nil
    return batch
  }

  static func kinds(_ batch: Batch) throws -> [Problem.Kind] { try batch.verify().problems.map(\.kind) }

  @Test func `a log is put aside whole, and what it tells is still known`() throws {
    var batch = Batch(disk: CrashDisk())
    try batch.run()
    let (old, id) = (LogFiles(of: batch), try batch.verify().logID)
    batch.longest = old.log.count
    #expect(try batch.run() == 0)
    #expect(Self.aside(batch.disk) == ["\(Batch.root)/provenance-\(try #require(id)).jsonl"])
    #expect(batch.disk.files[Self.aside(batch.disk)[0]] == old.log)
    let report = try batch.verify()
    #expect(report.problems == [] && report.warnings == [])
    #expect((report.logs, report.lines, report.outputsChecked) == (2, old.lines.count + 4, 3))
    #expect(report.logID != id)
    #expect(try batch.run() == 0, "long enough for another, but not this one")
    #expect(Self.aside(batch.disk).count == 1)
  }

  @Test func `many logs in a row are read as one`() throws {
    let batch = try Self.rotated(logs: 6)
    let report = try batch.verify { options in
      options.keys = [try key(1).publicKey]
      options.copies = [try HeadCopies(at: Batch.anchor, disk: batch.disk)]
    }
    #expect(report.problems == [] && report.warnings == [])
    #expect((report.logs, report.outputsChecked) == (6, 6))
    #expect(report.copiesChecked > 12)
    #expect(report.history.inOrder.map(\.record.output.name).sorted() == batch.scans)
  }

  @Test func `a change in any of the logs is found, and no such log is continued`() throws {
    let batch = try Self.rotated(logs: 4)
    var numbers = SeededNumbers(seed: 5)
    for path in Self.aside(batch.disk) {
      let bytes = try #require(batch.disk.files[path])
      for _ in 0..<200 {
        let bit = Int.random(in: 0..<bytes.count * 8, using: &numbers)
        var other = bytes
        other[bit / 8] ^= 1 << (bit % 8)
        batch.disk.tamper(path, with: other)
        #expect(try !Self.kinds(batch).isEmpty, "\(path), bit \(bit)")
      }
      #expect(throws: Batch.Stop.self) { try batch.run() }
      batch.disk.tamper(path, with: nil)
      #expect(try Self.kinds(batch).contains(.continued), "\(path)")
      #expect(throws: Batch.Stop.self) { try batch.run() }
      batch.disk.tamper(path, with: bytes)
    }
    #expect(try Self.kinds(batch) == [])
  }

  @Test func `a whole log in the place of another is found`() throws {
    let batch = try Self.rotated(logs: 3)
    let paths = Self.aside(batch.disk)
    let (first, second) = (batch.disk.files[paths[0]], batch.disk.files[paths[1]])
    for (log, head) in [(first, second), (second, first)] {
      batch.disk.tamper(paths[0], with: log)
      batch.disk.tamper(paths[1], with: head)
      #expect(try Self.kinds(batch).isEmpty == (log == first && head == second))
    }
  }

  @Test func `problems name the log that they are about`() throws {
    var batch = Batch(disk: CrashDisk())
    try batch.run()
    batch.longest = 1
    try batch.run()
    batch.disk.tamper("\(Batch.root)/a.nii", with: [1])
    let name = try #require(Self.aside(batch.disk).first?.split(separator: "/").last)
    let problem = try #require(try batch.verify().problems.first)
    #expect(problem.description.hasPrefix("\(name): line 5: output-changed: expected a.nii"), "\(problem)")
  }

  @Test func `a signed log is not continued unsigned behind a rotation`() throws {
    var batch = try Self.rotated(logs: 2)
    // As a run leaves it that dies before the new log's key is recorded.
    let lines = LogFiles(of: batch).lines
    batch.disk.tamper(Self.log, with: lines[0] + [10])
    let head = try SigningTests.head(over: [lines[0]]).note(signedBy: nil)
    batch.disk.tamper("\(Batch.root)/provenance.head", with: head)
    (batch.key, batch.isAnchored) = (nil, false)
    #expect(throws: Batch.Stop.self) { try batch.run() }
    batch.key = try key(1)
    batch.disk.tamper("\(Batch.root)/sub-1.nii", with: nil)
    #expect(try batch.run() == 1)
    #expect(try Self.kinds(batch) == [])
  }

  @Test(arguments: [false, true])
  func `a run that dies anywhere while a log is put aside is put right by the next`(isGuarded: Bool) throws {
    func batch(on disk: CrashDisk) throws -> Batch {
      var batch = try CrashSweepTests.batch(on: disk, isGuarded: isGuarded)
      batch.longest = 1
      return batch
    }
    let start = try Batch.diskWithAnchor()
    try CrashSweepTests.batch(on: start, isGuarded: isGuarded).run()
    var newer = try batch(on: start.after(.keepsAll))
    newer.disk.arm(Faults())
    newer.version = 1
    try newer.run(replacing: true)
    for death in 0...newer.disk.calls {
      let disk = start.after(.keepsAll)
      disk.arm(.death(at: death))
      var dying = try batch(on: disk)
      dying.version = 1
      _ = try? dying.run(replacing: true)
      for loss in CrashSweepTests.losses {
        let place = "death at call \(death), \(loss)"
        var again = try batch(on: disk.after(loss))
        again.version = 1
        do {
          try again.run(replacing: true)
          try CrashSweepTests.check(again, place)
        } catch {
          Issue.record("\(place): \(error)")
        }
      }
    }
  }
}
