import Foundation
import Testing

/// Names of scans that must not get about.
@Suite struct NamesTests {
  private func secretArchive() throws -> Scratch {
    let scratch = try Scratch()
    var scan = TinyScan.noise(6, 5, 4)
    scan.description = "CANARY^TEXT"
    try scratch.write(scan, to: "in/CANARY-1/CANARY-a.nii")
    try scratch.write(scan, to: "in/CANARY-1/CANARY-b.nii.gz")
    try scratch.write(Array(scan.bytes.dropLast()), to: "in/CANARY-2.nii")
    try scratch.write(Array("0123456789abcdef-the-site-key".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    var job = TestJob()
    job.policy = #"{"names": "hmac"}"#
    try scratch.write(job)
    return scratch
  }

  @Test(arguments: ["bar", "plain", "json", "none"])
  func `keyed names keep the scans' names out of everything that is written or told`(style: String) throws {
    let scratch = try secretArchive()
    for arguments in [
      ["plan", "job.json"], ["plan", "job.json", "--json"], ["run", "job.json", "--progress", style],
    ] {
      let outcome = try scratch.start(arguments).finish()
      outcome.expect(status: 3)
      #expect(!outcome.stdout.contains("CANARY") && !outcome.stderr.contains("CANARY"), "\(outcome)")
      #expect(outcome.stderr.contains("hmac:"))
    }
    let document = try scratch.medfilter("run", "job.json", "--json", "--force", "--progress", style)
    #expect(document.stdout.contains("hmac:"))
    for text in [
      document.stdout, document.stderr, scratch.text("out/provenance.jsonl"), scratch.text("out/summary.json"),
    ] {
      #expect(!text.isEmpty && !text.contains("CANARY"))
    }
    #expect(scratch.outputs() == ["CANARY-1/CANARY-a.nii", "CANARY-1/CANARY-b.nii"])
  }

  @Test func `what is wrong with names is told without them`() throws {
    let scratch = try secretArchive()
    try scratch.link("in/CANARY-folder", to: "../CANARY-elsewhere")
    try scratch.write(.noise(4, 4, 4), to: "CANARY-elsewhere/CANARY-c.nii")
    let warned = try scratch.medfilter("plan", "job.json")
    #expect(warned.stderr.contains("E_IN_SYMLINK: folder") && !warned.stderr.contains("CANARY"), "\(warned.stderr)")
    try scratch.write(.noise(4, 4, 4), to: "in/CANARY-1/CANARY-A.nii")
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 3)
    #expect(
      refused.stderr.contains("found the same one for hmac:") && !refused.stderr.contains("CANARY"), "\(refused.stderr)"
    )
  }

  @Test func `runs with the same key know their outputs again`() throws {
    let scratch = try secretArchive()
    try scratch.medfilter("run", "job.json")
    let again = try scratch.medfilter("run", "job.json")
    #expect(again.stderr.contains("0 done, 2 up to date, 1 failed"), "\(again)")
  }

  @Test func `the log holds neither paths of the machine nor header text`() throws {
    let scratch = try secretArchive()
    var job = TestJob()
    job.input = #"{"root": "\#(scratch.place("in"))"}"#
    job.outputRoot = scratch.place("out")
    try scratch.write(job)
    try scratch.medfilter("run", "job.json")
    let log = scratch.text("out/provenance.jsonl")
    #expect(!log.contains("CANARY^TEXT") && !log.contains(scratch.path))
    #expect(!scratch.text("out/summary.json").contains(scratch.path))
  }

  @Test func `no key, or one that is too short, is 64`() throws {
    let scratch = try secretArchive()
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = nil
    let missing = try scratch.medfilter("run", "job.json")
    missing.expect(status: 64)
    #expect(missing.stderr.contains("MEDFILTER_NAMES_KEY_FILE"), "\(missing)")
    try scratch.write(Array("short".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    let short = try scratch.medfilter("run", "job.json")
    short.expect(status: 64)
    #expect(short.stderr.contains("16 to 4096 bytes"), "\(short)")
    #expect(scratch.listing("out") == [])
  }

  @Test func `outputs that changed places are found by the key, and nobody is named`() throws {
    let scratch = try Scratch.threeScans { $0.policy = #"{"names": "hmac"}"# }
    try scratch.write(Array("0123456789abcdef-the-site-key".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    try scratch.medfilter("run", "job.json").require(status: 0)
    let log = "out/provenance.jsonl"
    let whole = try scratch.medfilter("verify", log, "--decode")
    whole.expect(status: 0)
    #expect(whole.stderr.isEmpty, "\(whole)")
    try scratch.move("out/sub/b.nii", to: "b.nii")
    try scratch.move("out/a.nii", to: "out/sub/b.nii")
    try scratch.move("b.nii", to: "out/a.nii")
    for arguments in [["verify", log, "--inputs", "in", "--decode"], ["replay", log, "--inputs", "in"]] {
      let outcome = try scratch.start(arguments).finish()
      outcome.expect(status: 65)
      #expect(outcome.stderr.components(separatedBy: "output-changed: expected hmac:").count == 3, "\(outcome)")
      #expect(!outcome.stderr.contains("a.nii") && !outcome.stderr.contains("b.nii"), "\(outcome)")
    }
    // The map beside the log tells as much to its owner, but proves nothing.
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = nil
    try scratch.medfilter("verify", log).expect(status: 65)
    try scratch.remove("out/names.jsonl")
    let blind = try scratch.medfilter("verify", log)
    blind.expect(status: 0)
    #expect(blind.stderr.contains("output-name-not-checked"), "\(blind)")
    try scratch.remove("out/a.nii")
    try scratch.medfilter("verify", log).expect(status: 65)
  }

  @Test func `another key does not make whole outputs look missing`() throws {
    let scratch = try Scratch.threeScans { $0.policy = #"{"names": "hmac"}"# }
    try scratch.write(Array("0123456789abcdef-the-site-key".utf8), to: "site.key")
    try scratch.write(Array("0123456789abcdef-another-one".utf8), to: "other.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    try scratch.medfilter("run", "job.json").require(status: 0)
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("other.key")
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("output-name-not-checked"), "\(outcome)")
  }
}
