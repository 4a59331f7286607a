import Foundation
import Glibc
import Testing

/// Whatever in the output tree looks like a scan, or may hide one, and is in no log.
@Suite struct StrangeFilesTests {
  private static let log = "out/provenance.jsonl"

  private func finished(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans(change)
    try scratch.medfilter("run", "job.json").require(status: 0)
    return scratch
  }

  private func expectFound(_ scratch: Scratch, _ name: String) throws {
    let outcome = try scratch.medfilter("verify", Self.log)
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("file-not-recorded"), "\(name): \(outcome)")
    #expect(outcome.stderr.contains(name), "\(outcome)")
  }

  @Test(
    arguments: [
      "x.hdr", "x.img", "x.HDR", "sub/x.Img.GZ", "x.nii.bz2", "x.NII", "x.nii.zst", "x.mgz", "x.nrrd", ".x.nii",
      ".hidden/x.nii", "sub/.git/x.nii", ".medfilter/x.nii", ".medfilter/deep/x.nii.gz", "more/.medfilter/x.nii",
      "line\nend.nii", "A.nii", ".git/annex/x.nii",
    ])
  func `a scan that no record names is found wherever it lies`(name: String) throws {
    let scratch = try finished()
    try scratch.write(.noise(4, 4, 4), to: "out/\(name)")
    try expectFound(scratch, name.contains("\n") ? #"line\x0aend.nii"# : name)
    try scratch.medfilter("verify", Self.log, "--no-outputs").expect(status: 0)
  }

  @Test func `a state folder does not hide what lies beside it`() throws {
    let scratch = try finished()
    try scratch.write(.noise(4, 4, 4), to: "out/more/x.nii")
    try scratch.write([], to: "out/more/.medfilter/lock")
    try expectFound(scratch, "more/x.nii")
    // Nor does something that is no log.
    try scratch.write(Array("{}\n".utf8), to: "out/more/provenance.jsonl")
    try expectFound(scratch, "more/x.nii")
  }

  @Test func `names that are not UTF-8 are found, of files and of folders`() throws {
    let scratch = try finished()
    let place = Array(scratch.place("out/sub/").utf8.map { CChar(bitPattern: $0) })
    func made(_ name: [UInt8]) -> [CChar] { place + name.map { CChar(bitPattern: $0) } + [0] }
    let file = made([0x78, 0xFF] + Array(".nii".utf8))
    close(open(file, O_CREAT | O_WRONLY, 0o644))
    try expectFound(scratch, #"sub/x\xff.nii"#)
    unlink(file)
    let folder = made([0xE9])
    mkdir(folder, 0o755)
    try expectFound(scratch, #"sub/\xe9, a folder whose name is not UTF-8"#)
    rmdir(folder)
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }

  @Test func `a name composed otherwise is another name`() throws {
    let (composed, decomposed) = ("caf\u{E9}.nii", "cafe\u{301}.nii")
    let scratch = try Scratch()
    try scratch.write(.noise(6, 5, 4), to: "in/\(composed)")
    try scratch.write(TestJob())
    try scratch.medfilter("run", "job.json").require(status: 0)
    try scratch.medfilter("verify", Self.log).expect(status: 0)
    let bytes = try #require(scratch.bytes("out/\(composed)"))
    // Foundation composes names; the system call does not.
    let twin = open(scratch.place("out/") + decomposed, O_CREAT | O_WRONLY, 0o644)
    try #require(twin >= 0)
    _ = bytes.withUnsafeBytes { write(twin, $0.baseAddress, $0.count) }
    close(twin)
    let outcome = try scratch.medfilter("verify", Self.log, "--json")
    outcome.expect(status: 65)
    #expect(outcome.stdout.unicodeScalars.contains("\u{301}"), "\(outcome)")
  }

  @Test func `links and what is no file are found`() throws {
    let scratch = try finished()
    try scratch.write(.noise(4, 4, 4), to: "elsewhere/x.nii")
    try scratch.link("out/l.nii", to: "../elsewhere/x.nii")
    try expectFound(scratch, "l.nii, a link")
    try scratch.remove("out/l.nii")
    try scratch.link("out/more", to: "../elsewhere")
    try expectFound(scratch, "more, a link to a folder outside")
    try scratch.remove("out/more")
    // A second way to the same folder shows nothing new.
    try scratch.link("out/again", to: "sub")
    try scratch.medfilter("verify", Self.log).expect(status: 0)
    mkfifo(scratch.place("out/pipe.nii"), 0o644)
    try expectFound(scratch, "pipe.nii, something that is no file")
  }

  @Test func `output roots inside and around are left to their own logs`() throws {
    let scratch = try finished()
    var inner = TestJob()
    (inner.outputRoot, inner.output) = ("out/sub", #", "name": "{stem}_inner""#)
    try scratch.write(inner, to: "inner.json")
    try scratch.medfilter("run", "inner.json").require(status: 0)
    for log in [Self.log, "out/sub/provenance.jsonl"] {
      let outcome = try scratch.medfilter("verify", log)
      outcome.expect(status: 0)
    }
    // Somebody clears away folders that begin with a dot.
    try scratch.remove("out/sub/.medfilter")
    try scratch.medfilter("verify", Self.log).expect(status: 0)
    try scratch.write(.noise(4, 4, 4), to: "out/sub/sub/stranger.nii")
    for log in [Self.log, "out/sub/provenance.jsonl"] {
      let outcome = try scratch.medfilter("verify", log)
      outcome.expect(status: 65)
      #expect(outcome.stderr.contains("sub/stranger.nii"), "\(outcome)")
    }
  }

  @Test func `a log that was begun anew is found by what was put aside, and by its copies`() throws {
    let scratch = try finished()
    try scratch.write([], to: "anchors/.keep")
    try scratch.medfilter("run", "job.json", "--anchor", "anchors").require(status: 0)
    try scratch.medfilter("verify", Self.log, "--anchor", "anchors").expect(status: 0)
    // Another root may share the folder.
    var other = TestJob()
    other.outputRoot = "other"
    try scratch.write(other, to: "other.json")
    try scratch.medfilter("run", "other.json", "--anchor", "anchors").require(status: 0)
    try scratch.medfilter("verify", Self.log, "--anchor", "anchors").expect(status: 0)
    try scratch.medfilter("verify", "other/provenance.jsonl", "--anchor", "anchors").expect(status: 0)
    // A log that is put aside is continued, and nothing is amiss.
    try scratch.medfilter("run", "job.json", "--anchor", "anchors", "--rotate-log", "1kB").require(status: 0)
    try scratch.medfilter("verify", Self.log, "--anchor", "anchors").expect(status: 0)
    let aside = try #require(scratch.listing("out").first { $0.hasPrefix("provenance-") && $0.hasSuffix(".jsonl") })
    for name in scratch.listing("out")
    where name != ".medfilter" && name != ".medfilter/lock" && name != "sub" && name != aside {
      try scratch.remove("out/\(name)")
    }
    try scratch.medfilter("run", "job.json", "--anchor", "anchors").require(status: 0)
    let beside = try scratch.medfilter("verify", Self.log)
    beside.expect(status: 65)
    #expect(beside.stderr.contains("a log that continues \(aside)"), "\(beside)")
    try scratch.remove("out/\(aside)")
    try scratch.medfilter("verify", Self.log).expect(status: 0, "by itself it is whole")
    let found = try scratch.medfilter("verify", Self.log, "--anchor", "anchors")
    found.expect(status: 65)
    #expect(found.stderr.contains("which is gone"), "\(found)")
    try scratch.medfilter("verify", "other/provenance.jsonl", "--anchor", "anchors").expect(status: 0)
  }
}
