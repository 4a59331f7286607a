import Foundation
import Testing

/// Whose outputs a run may replace: those of the same job, made from the same archive.
@Suite struct OwnershipTests {
  /// A scan of somebody, the same for the same number.
  private static func scan(_ person: UInt64) -> TinyScan { .noise(8, 7, 6, seed: person) }

  private func job(_ name: String, _ root: String, replacing: Bool = false) -> TestJob {
    var job = TestJob()
    job.name = name
    job.input = #"{"root": "\#(root)"}"#
    if replacing { job.output = #", "on_exists": "replace""# }
    return job
  }

  /// Two archives with the same names of other people, and an output root that the first one has been filtered into.
  private func twoArchives(_ first: String = "night", _ second: String = "night", replacing: Bool = false) throws
    -> Scratch
  {
    let scratch = try Scratch()
    for person in 1...3 {
      try scratch.write(Self.scan(UInt64(person)), to: "a/sub-0\(person).nii")
      try scratch.write(Self.scan(UInt64(person + 10)), to: "b/sub-0\(person).nii")
    }
    try scratch.write(job(first, "a", replacing: replacing), to: "a.json")
    try scratch.write(job(second, "b", replacing: replacing), to: "b.json")
    let outcome = try scratch.medfilter("run", "a.json")
    try outcome.require(status: 0)
    return scratch
  }

  private func outputs(_ scratch: Scratch) -> [[UInt8]?] { (1...3).map { scratch.bytes("out/sub-0\($0).nii") } }

  private func expectUpToDate(_ outcome: Outcome, _ count: Int = 3) {
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("\(count) up to date"), "\(outcome)")
  }

  @Test(arguments: [false, true], [("left", "right"), ("night", "night")])
  func `another archive never takes another person's output, night after night`(
    replacing: Bool, names: (String, String)
  ) throws {
    let scratch = try twoArchives(names.0, names.1, replacing: replacing)
    let before = outputs(scratch)
    for _ in 0..<2 {
      let plan = try scratch.medfilter("plan", "b.json")
      plan.expect(status: 3)
      #expect(plan.stdout.contains("a run would find: 3 would fail"), "\(plan)")
      let other = try scratch.start(["run", "b.json"]).finish()
      other.expect(status: 3)
      #expect(other.stderr.contains("3 failed"), "\(other)")
      #expect(
        other.stderr.contains("E_OUT_EXISTS: output: expected one that the job \"\(names.1)\" made from this archive"))
      #expect(
        other.stderr.contains("found one that the job \"\(names.0)\" made from another archive"), "\(other)")
      #expect(other.stderr.contains("--adopt"))
      expectUpToDate(try scratch.medfilter("run", "a.json"))
      #expect(outputs(scratch) == before)
    }
    try scratch.medfilter("run", "b.json", "--force").expect(status: 3)
    #expect(outputs(scratch) == before)
    try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "a").expect(status: 0)
  }

  @Test func `another job on the same archive is refused by name, unless it makes the very same`() throws {
    let scratch = try twoArchives()
    var other = job("other", "a", replacing: true)
    try scratch.write(other, to: "other.json")
    expectUpToDate(try scratch.medfilter("run", "other.json"))
    other.filters = #"[{"filter": "box", "size_vox": 5}]"#
    try scratch.write(other, to: "other.json")
    let refused = try scratch.medfilter("run", "other.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("found one that the job \"night\" made from this archive"), "\(refused)")
  }

  @Test func `what is adopted once is the job's own from then on`() throws {
    let scratch = try twoArchives("left", "right")
    #expect(try scratch.medfilter("plan", "b.json", "--adopt").stdout.contains("a run would find: 3 to do"))
    let adopted = try scratch.medfilter("run", "b.json", "--adopt")
    adopted.expect(status: 0)
    #expect(adopted.stderr.contains("3 done"), "\(adopted)")
    expectUpToDate(try scratch.medfilter("run", "b.json"))
    let former = try scratch.medfilter("run", "a.json")
    former.expect(status: 3)
    #expect(former.stderr.contains("found one that the job \"right\" made"), "\(former)")
    try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "b").expect(status: 0)
  }

  @Test func `adopting holds for outputs that were left as they were`() throws {
    let scratch = try twoArchives()
    try scratch.write(job("other", "a"), to: "other.json")
    expectUpToDate(try scratch.medfilter("run", "other.json", "--adopt"))
    try scratch.write(Self.scan(99), to: "a/sub-02.nii")
    let outcome = try scratch.medfilter("run", "other.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done, 2 up to date"), "\(outcome)")
  }

  @Test(arguments: ["moved", "restored", "restored elsewhere", "linked"])
  func `an archive that lies elsewhere now is the same one`(way: String) throws {
    let scratch = try twoArchives()
    var root = "elsewhere/archive"
    let manager = FileManager.default
    try manager.createDirectory(atPath: scratch.place("elsewhere"), withIntermediateDirectories: true)
    switch way {
    case "moved": try scratch.move("a", to: root)
    case "restored":
      try manager.copyItem(atPath: scratch.place("a"), toPath: scratch.place(root))
      try scratch.remove("a")
      try scratch.move(root, to: "a")
      root = "a"
    case "restored elsewhere":
      try manager.copyItem(atPath: scratch.place("a"), toPath: scratch.place(root))
      try scratch.remove("a")
    default: try scratch.link(root, to: "../a")
    }
    try scratch.write(job("night", root), to: "a.json")
    expectUpToDate(try scratch.medfilter("run", "a.json"))
    // Its scans may change, as before.
    try scratch.write(Self.scan(99), to: "\(root)/sub-02.nii")
    let outcome = try scratch.medfilter("run", "a.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done, 2 up to date"), "\(outcome)")
    try scratch.write(Self.scan(98), to: "\(root)/sub-01.nii")
    try scratch.write(Self.scan(97), to: "\(root)/sub-02.nii")
    try scratch.write(Self.scan(96), to: "\(root)/sub-03.nii")
    let all = try scratch.medfilter("run", "a.json")
    all.expect(status: 0)
    #expect(all.stderr.contains("3 done"), "\(all)")
  }

  @Test func `another archive in the first one's place is another one`() throws {
    let scratch = try twoArchives()
    let before = outputs(scratch)
    try scratch.move("a", to: "away")
    try scratch.move("b", to: "a")
    let outcome = try scratch.medfilter("run", "a.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("made from another archive"), "\(outcome)")
    #expect(outputs(scratch) == before)
  }

  /// Runs the job with a new file system in place of its input root, filled from a folder.
  private func run(_ scratch: Scratch, mounting folder: String) throws -> Outcome {
    let mount = "mount -t tmpfs none mnt && cp -p \(folder)/* mnt && exec \"$@\""
    return try scratch.medfilter(
      "run", "night.json", under: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
  }

  @Test(.enabled(if: OwnPlaceTests.canMount, "mounting is not permitted here"))
  func `an archive is known under a mount point by its scans, and another one there is not taken for it`() throws {
    let scratch = try twoArchives()
    try FileManager.default.createDirectory(atPath: scratch.place("mnt"), withIntermediateDirectories: true)
    try scratch.write(job("night", "mnt"), to: "night.json")
    expectUpToDate(try run(scratch, mounting: "a"))
    for _ in 0..<2 {
      let other = try run(scratch, mounting: "b")
      other.expect(status: 3)
      #expect(other.stderr.contains("made from another archive"), "\(other)")
      expectUpToDate(try run(scratch, mounting: "a"))
    }
    try scratch.write(Self.scan(99), to: "a/sub-02.nii")
    let changed = try run(scratch, mounting: "a")
    changed.expect(status: 0)
    #expect(changed.stderr.contains("1 done, 2 up to date"), "\(changed)")
  }

  @Test func `the log does not tell where the archive lies`() throws {
    let scratch = try twoArchives()
    let log = scratch.text("out/provenance.jsonl")
    #expect(log.contains(#""archive":{"id":""#) && !log.contains(scratch.folder))
    try scratch.move("a", to: "elsewhere")
    try scratch.write(job("night", "elsewhere"), to: "a.json")
    expectUpToDate(try scratch.medfilter("run", "a.json"))
    let marks = try scratch.records().compactMap { $0["archive"] as? [String: String] }
    #expect(marks.count == 2 && marks[0] == marks[1])
  }

  @Test func `a log that does not tell the archive goes by the job's name`() throws {
    let scratch = try EarlierTreesTests.copy()
    let text = scratch.text("jobs/nii.json")
    // Another person's scan under a known name, in another place.
    try FileManager.default.copyItem(atPath: scratch.place("archive"), toPath: scratch.place("other"))
    var scan = try #require(scratch.bytes("other/sub-02/big.nii"))
    scan[scan.count - 1] ^= 1
    try scratch.write(scan, to: "other/sub-02/big.nii")
    let elsewhere = text.replacing("\"../archive\"", with: "\"../other\"")
    try scratch.write(
      Array(elsewhere.replacing("\"nii\",\n \"input\"", with: "\"else\",\n \"input\"").utf8), to: "jobs/b.json")
    let refused = try scratch.medfilter("run", "jobs/b.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("1 failed"), "\(refused)")
    #expect(
      refused.stderr.contains(
        "expected one that the job \"else\" made from this archive, found one that the job \"nii\" made;"))
    try scratch.write(Array(elsewhere.utf8), to: "jobs/b.json")
    let outcome = try scratch.medfilter("run", "jobs/b.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done"), "\(outcome)")
  }
}
