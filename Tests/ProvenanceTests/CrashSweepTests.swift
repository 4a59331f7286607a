import ByteStreams
import DurableIO
import Glibc
import Provenance
import SeededNumbers
import SimulatedDisk
import Testing

/// A batch dies at every call, the power fails in every way, and the next run has to put everything right.
@Suite struct CrashSweepTests {
  static let losses: [PowerLoss] =
    [.keepsAll, .keepsNothing, .keepsNames, .keepsData] + (0..<8).map { .keepsSome(seed: $0) }

  static func calls(of batch: Batch) throws -> Int {
    batch.disk.arm(Faults())
    try batch.run()
    return batch.disk.calls
  }

  /// The laws after a run that ended well: all outputs whole, log whole and in accord with them, no litter.
  static func check(_ batch: Batch, _ place: String) throws {
    let files = batch.disk.files
    for scan in batch.scans { #expect(files["\(Batch.root)/\(scan)"] == batch.bytes(of: scan), "\(place): \(scan)") }
    // Beneath the root: the folder of the copies is shared with others, and nobody clears up there.
    #expect(!files.keys.contains { $0.hasPrefix("\(Batch.root)/") && $0.hasSuffix(".tmp") }, "\(place)")
    let logs = files.filter { $0.key.hasSuffix(".jsonl") }.values
    let log = logs.map { String(decoding: $0, as: UTF8.self) }.joined()
    for (path, bytes) in files where path.contains(".torn-") {
      #expect(log.contains("\"torn_sha256\":\"\(SHA256.digest(of: bytes))\""), "\(place): \(path) is not told of")
    }
    let report = try batch.verify { options in
      if let key = batch.key { options.keys = [key.publicKey] }
      if batch.isAnchored { options.copies = [try HeadCopies(at: Batch.anchor, disk: batch.disk)] }
    }
    #expect(report.problems == [], "\(place)")
    #expect(report.warnings == [], "\(place)")
    #expect(report.outputsChecked == batch.scans.count)
  }

  /// The law after a death: a final name names a whole file that the log at least announces.
  /// - Returns: how many final names there are.
  static func checkBeforeResume(_ batch: Batch, _ place: String) -> Int {
    let files = batch.disk.files
    let log = String(decoding: files["\(Batch.root)/provenance.jsonl"] ?? [], as: UTF8.self)
    var there = 0
    for scan in batch.scans {
      guard let found = files["\(Batch.root)/\(scan)"] else { continue }
      there += 1
      #expect(found == batch.bytes(of: scan), "\(place): \(scan)")
      #expect(log.contains(batch.record(of: scan).output.sha256.hex), "\(place): \(scan) is not in the log")
    }
    return there
  }

  /// A batch whose log is signed and anchored, or one whose log is neither.
  static func batch(on disk: CrashDisk, isGuarded: Bool, isTogether: Bool = false) throws -> Batch {
    var batch = Batch(disk: disk)
    if isGuarded { (batch.key, batch.isAnchored) = (try key(7), true) }
    batch.isTogether = isTogether
    return batch
  }

  @Test(arguments: [false, true], [false, true])
  func `a batch that dies anywhere is put right by the next run`(isGuarded: Bool, isTogether: Bool) throws {
    let calls = try Self.calls(of: Self.batch(on: Batch.diskWithAnchor(), isGuarded: isGuarded, isTogether: isTogether))
    var there = 0
    for death in 0...calls {
      let disk = try Batch.diskWithAnchor()
      disk.arm(.death(at: death))
      _ = try? Self.batch(on: disk, isGuarded: isGuarded, isTogether: isTogether).run()
      for loss in Self.losses {
        let place = "death at call \(death) of \(calls), \(loss)"
        let batch = try Self.batch(on: disk.after(loss), isGuarded: isGuarded, isTogether: isTogether)
        there += Self.resume(batch, place)
      }
    }
    #expect(there > 0)
  }

  @discardableResult
  private static func resume(_ batch: Batch, _ place: String) -> Int {
    let there = checkBeforeResume(batch, place)
    do {
      try batch.run()
      try check(batch, place)
    } catch {
      Issue.record("\(place): \(error)")
    }
    return there
  }

  @Test(arguments: 0..<4) func `a second death while resuming changes nothing`(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let calls = try Self.calls(of: Batch(disk: CrashDisk()))
    for round in 0..<300 {
      var disk = CrashDisk()
      for _ in 0..<3 {
        disk.arm(.death(at: Int.random(in: 0...calls, using: &numbers)))
        _ = try? Batch(disk: disk).run()
        disk = disk.after(.keepsSome(seed: numbers.next()))
      }
      do {
        try Batch(disk: disk).run()
        try Self.check(Batch(disk: disk), "seed \(seed), round \(round)")
      } catch {
        Issue.record("seed \(seed), round \(round): \(error)")
      }
    }
  }

  @Test(arguments: [ENOSPC, EIO], [Faults.Span.once, .forEver])
  func `an error at any call is reported, or everything is done`(code: Int32, span: Faults.Span) throws {
    try Self.sweep(code, span, isGuarded: false, isTogether: false)
    try Self.sweep(code, span, isGuarded: true, isTogether: false)
    try Self.sweep(code, span, isGuarded: false, isTogether: true)
  }

  private static func sweep(_ code: Int32, _ span: Faults.Span, isGuarded: Bool, isTogether: Bool) throws {
    let whole = try batch(on: Batch.diskWithAnchor(), isGuarded: isGuarded, isTogether: isTogether)
    for call in 0..<(try calls(of: whole)) {
      let disk = try Batch.diskWithAnchor()
      disk.arm(.error(code, at: call, span))
      let ended = (try? Self.batch(on: disk, isGuarded: isGuarded, isTogether: isTogether).run()) != nil
      let place = "error \(code) at call \(call), \(span)"
      for loss in [PowerLoss.keepsAll, .keepsNothing] {
        let batch = try Self.batch(on: disk.after(loss), isGuarded: isGuarded, isTogether: isTogether)
        if ended { try Self.check(batch, place) }
        Self.resume(batch, place)
      }
    }
  }

  @Test func `a part in a file of its own is on the disk before any record names it`() throws {
    var whole = Batch(disk: CrashDisk())
    whole.keepsParts = true
    for death in 0...(try Self.calls(of: whole)) {
      let disk = CrashDisk()
      disk.arm(.death(at: death))
      var dying = Batch(disk: disk)
      dying.keepsParts = true
      _ = try? dying.run()
      for loss in [PowerLoss.keepsAll, .keepsNothing, .keepsNames, .keepsData] {
        var batch = Batch(disk: disk.after(loss))
        batch.keepsParts = true
        let kinds = (try? batch.verify())?.problems.map(\.kind) ?? []
        #expect(!kinds.contains { $0 == .keptPartMissing || $0 == .keptPartChanged }, "death at \(death), \(loss)")
        Self.resume(batch, "death at \(death), \(loss)")
      }
    }
  }

  @Test func `a scan is withdrawn, or is not yet, wherever that is cut off`() throws {
    let whole = Batch(disk: CrashDisk())
    try whole.run()
    whole.disk.arm(Faults())
    try whole.retire("a.nii")
    for death in 0...whole.disk.calls {
      let batch = Batch(disk: CrashDisk())
      try batch.run()
      batch.disk.arm(.death(at: death))
      _ = try? batch.retire("a.nii")
      for loss in [PowerLoss.keepsAll, .keepsNothing, .keepsNames, .keepsData] {
        let place = "death at \(death), \(loss)"
        let after = Batch(disk: batch.disk.after(loss))
        let report = try after.verify()
        #expect(report.damage == [], "\(place)")
        // No output is gone that the log still counts.
        #expect(
          report.history.withdrawn.holds("in/a.nii") || after.disk.files["\(Batch.root)/a.nii"] != nil, "\(place)")
        try after.retire("a.nii")
        #expect(try after.verify().problems == [] && after.disk.files["\(Batch.root)/a.nii"] == nil, "\(place)")
      }
    }
  }

  @Test func `the log only grows, but for one torn line`() throws {
    for death in 0...(try Self.calls(of: Batch(disk: CrashDisk()))) {
      let disk = CrashDisk()
      disk.arm(.death(at: death))
      _ = try? Batch(disk: disk).run()
      let batch = Batch(disk: disk.after(.keepsSome(seed: UInt64(death))))
      let before = LogFiles(of: batch).log
      try batch.run()
      let after = LogFiles(of: batch).log
      let common = zip(before, after).prefix { $0 == $1 }.count
      #expect(common == before.count || !before[common...].dropLast().contains(10) || before.contains(0))
    }
  }
}
