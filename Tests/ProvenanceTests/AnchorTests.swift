import ByteStreams
import DurableIO
import Provenance
import SimulatedDisk
import Testing

/// Copies of heads show what the log and its own head, put back together, cannot.
@Suite struct AnchorTests {
  let disk: CrashDisk

  init() throws { disk = try Batch.diskWithAnchor() }

  func batch(scans: Int) -> Batch {
    Batch(disk: disk, scans: (0..<scans).map { "sub-\($0).nii" }, isAnchored: true)
  }

  func copies() throws -> HeadCopies { try HeadCopies(at: Batch.anchor, disk: disk) }

  func names() -> [String] {
    disk.files.keys.filter { $0.hasPrefix(Batch.anchor) }.sorted()
  }

  @Test func `every run leaves the heads that it began and ended with`() throws {
    try batch(scans: 1).run()
    #expect(names().map { String($0.suffix(17)) } == ["000000000001.head", "000000000006.head"])
    try batch(scans: 2).run()
    try batch(scans: 2).run()
    #expect(names().count == 4)
    let report = try batch(scans: 2).verify { $0.copies = [try copies()] }
    #expect(report.problems == [] && report.warnings == [])
    #expect(report.copiesChecked == 4)
  }

  @Test func `an older log with its older head is found, and not continued`() throws {
    var tally = Tally()
    try batch(scans: 1).run()
    for scans in 2..<(isFull ? 102 : 12) {
      let old = LogFiles(of: batch(scans: scans))
      try batch(scans: scans).run()
      let new = LogFiles(of: batch(scans: scans))
      #expect(try old.verify().problems == [], "by itself the old log is whole")
      tally.expect(try old.verify(copies: [copies()]).problems.map(\.kind) == [.truncated], "\(scans) scans")
      #expect(try new.verify(copies: [copies()]).problems == [])
      disk.tamper("\(Batch.root)/provenance.jsonl", with: old.log)
      disk.tamper("\(Batch.root)/provenance.head", with: old.head)
      #expect(throws: Batch.Stop.self) { try batch(scans: scans).run() }
      disk.tamper("\(Batch.root)/provenance.jsonl", with: new.log)
      disk.tamper("\(Batch.root)/provenance.head", with: new.head)
    }
    tally.tell("older logs put back with their heads, copies kept elsewhere")
  }

  @Test func `a log written anew is found whatever its head says`() throws {
    try batch(scans: 5).run()
    let real = LogFiles(of: batch(scans: 5))
    for line in 1..<real.lines.count - 1 {
      var forged = real
      var lines = real.lines
      lines.remove(at: line)
      forged.lines = try SigningTests.chained(lines)
      // As long as it was, so that only the root can tell.
      forged.lines = try SigningTests.chained(forged.lines + [forged.lines[forged.lines.count - 1]])
      forged.head = try SigningTests.head(over: forged.lines).note(signedBy: nil)
      let problems = try forged.verify(copies: [copies()]).problems
      #expect(problems.contains { $0.kind == .anchor }, "line \(line + 1)")
    }
  }

  @Test func `another log of another name has no copies`() throws {
    try batch(scans: 2).run()
    let other = try LogFiles.sample(scans: 2)
    #expect(try other.verify(copies: [copies()]).problems.map(\.kind) == [.anchor])
  }

  @Test func `damaged copies are found`() throws {
    try batch(scans: 2).run()
    let files = LogFiles(of: batch(scans: 2))
    let name = try #require(names().last)
    let bytes = try #require(disk.files[name])
    for bit in 0..<bytes.count * 8 {
      var other = bytes
      other[bit / 8] ^= 1 << (bit % 8)
      disk.tamper(name, with: other)
      // A changed name is that of another log, which the folder may hold as well; the size and the root are ours.
      if bit / 8 > 46 { #expect(try !files.verify(copies: [copies()]).problems.isEmpty, "bit \(bit)") }
    }
    disk.tamper(name, with: bytes)
    #expect(try files.verify(copies: [copies()]).problems == [])
  }

  @Test func `one copy is enough, and so is a line of a journal`() throws {
    try batch(scans: 2).run()
    let old = LogFiles(of: batch(scans: 2))
    try batch(scans: 3).run()
    let head = try SigningTests.head(over: LogFiles(of: batch(scans: 3)).lines)
    disk.tamper("/one.head", with: head.note(signedBy: nil))
    let journal = "Nov 21 07:30:48 host medfilter[7]: \(head.line)\nother text\n{\"message\":\"\(head.line)\"}\n"
    disk.tamper("/journal", with: Array(journal.utf8))
    for (path, count) in [("/one.head", 1), ("/journal", 2)] {
      let copies = try HeadCopies(at: path, disk: disk)
      #expect(try old.verify(copies: [copies]).problems.map(\.kind) == .init(repeating: .truncated, count: count))
      let report = try batch(scans: 3).verify { $0.copies = [copies] }
      #expect(report.problems == [] && report.copiesChecked == count)
    }
    disk.tamper("/journal", with: Array("nothing".utf8))
    #expect(try old.verify(copies: [HeadCopies(at: "/journal", disk: disk)]).problems.map(\.kind) == [.anchor])
  }

  @Test func `a place that is missing, or takes no copies, stops the run before it begins`() throws {
    #expect(throws: DurableFailure.self) { try AnchorFolder(path: "/nowhere", disk: disk) }
    #expect(throws: DurableFailure.self) { try HeadCopies(at: "/nowhere", disk: disk) }
    try batch(scans: 1).run()
    let lines = LogFiles(of: batch(scans: 1)).lines.count
    // A file of the name that the next head would get.
    let id = try #require(batch(scans: 1).verify().logID)
    disk.tamper("\(Batch.anchor)/\(id)-000000000007.head", with: [1])
    _ = try? batch(scans: 2).run()
    #expect(LogFiles(of: batch(scans: 1)).lines.count >= lines)
  }
}
