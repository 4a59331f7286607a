import DurableIO
import Provenance
import SeededNumbers
import SimulatedDisk
import StrictJSON
import Testing

@Suite struct RecoveryTests {
  let batch = Batch(disk: CrashDisk())

  static let log = "\(Batch.root)/provenance.jsonl"

  @Test func `a batch that is done does nothing twice`() throws {
    #expect(try batch.run() == 3)
    #expect(try batch.run() == 0)
    try CrashSweepTests.check(batch, "second run")
  }

  @Test func `other bytes are done again when asked for`() throws {
    try batch.run()
    var newer = batch
    newer.version = 1
    #expect(throws: Batch.Stop.self) { try newer.run() }
    #expect(try newer.run(replacing: true) == 3)
    try CrashSweepTests.check(newer, "newer version")
  }

  @Test func `a torn line is kept aside and told of`() throws {
    try batch.run(dieBeforeEnd: true)
    let whole = LogFiles(of: batch).log
    let last = try #require(LogFiles(of: batch).lines.last)
    for kept in stride(from: 0, through: last.count, by: 11) {
      let disk = batch.disk.after(.keepsAll)
      let torn = Array(whole[..<(whole.count - last.count - 1 + kept)])
      disk.tamper(Self.log, with: torn)
      let again = Batch(disk: disk)
      try again.run()
      try CrashSweepTests.check(again, "torn after \(kept) bytes")
      let saved = disk.files.filter { $0.key.contains(".torn-") }.values
      #expect(Array(saved) == (kept == 0 ? [] : [Array(last[..<kept])]))
      #expect(LogFiles(of: again).log.starts(with: whole.dropLast(last.count + 1)))
      let types = try LogFiles(of: again).lines.map { try JSONReader.parse($0)["type"]?.string }
      #expect(types.count { $0 == "recovery" } == (kept == 0 ? 1 : 2))
    }
  }

  @Test func `a damaged log is not continued`() throws {
    try batch.run()
    let files = LogFiles(of: batch)
    var numbers = SeededNumbers(seed: 3)
    for _ in 0..<300 {
      var damaged = files
      let bit = Int.random(in: 0..<files.log.count * 8, using: &numbers)
      damaged.log[bit / 8] ^= 1 << (bit % 8)
      let disk = batch.disk.after(.keepsAll)
      disk.tamper(Self.log, with: damaged.log)
      #expect(throws: Batch.Stop.self, "bit \(bit)") { try Batch(disk: disk).run() }
      #expect(disk.files[Self.log] == damaged.log)
    }
  }

  @Test func `a log that was cut, or lost its head, or is gone is not continued`() throws {
    try batch.run()
    let files = LogFiles(of: batch)
    let changes: [(String, [UInt8]?)] = [
      (Self.log, Array(files.lines.dropLast().flatMap { $0 + [10] })), (Self.log, []), (Self.log, nil),
      ("\(Batch.root)/provenance.head", nil), ("\(Batch.root)/provenance.head", []),
    ]
    for (path, bytes) in changes {
      let disk = batch.disk.after(.keepsAll)
      disk.tamper(path, with: bytes)
      #expect(throws: Batch.Stop.self, "\(path)") { try Batch(disk: disk).run() }
    }
  }

  @Test func `only one run at a time`() throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    do {
      let lock = try FolderLock(folder, holder: "pid 4711 on scanner-3")
      #expect(throws: FolderLock.Failure.held(by: "pid 4711 on scanner-3")) { try FolderLock(folder) }
      withExtendedLifetime(lock) {}
    }
    try batch.run()
  }

  @Test func `after an error the log takes nothing more`() throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder))
    batch.disk.arm(.error(28, at: 0, .once))
    #expect(throws: ProvenanceFailure.self) { try log.append(type: .runStart, fields: []) }
    #expect(throws: ProvenanceFailure.self) { try log.append(type: .runStart, fields: []) }
    #expect(LogFiles(of: batch).lines.count == 1)
  }

  @Test func `a record that could not be read back is not written`() throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder))
    let bad: [[(String, JSONOutput)]] = [
      [("seq", .int(7))], [("a", .object([("b", .null), ("b", .null)]))],
      [("long", .string(String(repeating: "x", count: 1 << 20)))],
    ]
    for fields in bad {
      #expect(throws: ProvenanceFailure.self) { try log.append(type: .kernel, fields: fields) }
    }
    try log.append(type: .runStart, fields: [])
    try log.append(type: .runEnd, fields: [])
    #expect(try batch.verify().problems == [])
  }

  @Test func `lines of many threads stay in order`() async throws {
    let folder = try OutputFolder(path: Batch.root, disk: batch.disk)
    let log = try ProvenanceLog.open(in: folder, holding: try FolderLock(folder), clock: Batch.clock())
    try log.append(type: .runStart, fields: [])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<300 { _ = try? log.append(type: .kernel, fields: [], synced: false) }
        }
      }
    }
    #expect(String(decoding: LogFiles(of: batch).head ?? [], as: UTF8.self).split(separator: "\n")[1] == "2000")
    #expect(try log.append(type: .runEnd, fields: []) == 2402)
    #expect(try batch.verify().problems == [])
    #expect(try batch.verify().warnings == [])
  }
}
