import Foundation
import Testing

/// Withdrawn consent: `retire`, and what it changes for the other commands.
@Suite struct RetireTests {
  private static let log = "out/provenance.jsonl"

  private func finished(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans(change)
    try scratch.medfilter("run", "job.json").require(status: 0)
    return scratch
  }

  @Test func `a withdrawn scan may be gone, with its output, and replay leaves it out`() throws {
    let scratch = try finished()
    let retired = try scratch.medfilter("retire", Self.log, "sub/b.nii.gz", "--reason", "consent withdrawn on 1 May")
    retired.expect(status: 0)
    #expect(retired.stdout == "sub/b.nii.gz: withdrawn\n  sub/b.nii: there\n", "\(retired)")
    let record = try #require(scratch.records().last)
    #expect(record["type"] as? String == "retired" && record["reason"] as? String == "consent withdrawn on 1 May")
    #expect(record["outputs"] as? [String] == ["sub/b.nii"])
    let there = try scratch.medfilter("verify", Self.log, "--inputs", "in")
    there.expect(status: 0)
    #expect(there.stderr.contains("withdrawn-output-there"), "\(there)")
    try scratch.remove("in/sub/b.nii.gz")
    try scratch.remove("out/sub/b.nii")
    let gone = try scratch.medfilter("verify", Self.log, "--inputs", "in")
    gone.expect(status: 0)
    #expect(gone.stderr.isEmpty, "\(gone)")
    #expect(gone.stdout.contains("2 outputs as recorded, 2 inputs as recorded"))
    let replayed = try scratch.medfilter("replay", Self.log, "--inputs", "in")
    replayed.expect(status: 0)
    #expect(replayed.stdout.contains("2 outputs computed again"), "\(replayed)")
    // Other scans still are missed.
    try scratch.remove("out/a.nii")
    try scratch.medfilter("verify", Self.log).expect(status: 65)
  }

  @Test func `outputs are removed when that is asked for, and only as they were recorded`() throws {
    let scratch = try finished()
    try scratch.write([1, 2], to: "out/sub/c.nii")
    let retired = try scratch.medfilter(
      "retire", Self.log, "a.nii", "sub/c.nii", "--reason", "withdrawn", "--remove-outputs", "--json")
    retired.expect(status: 0)
    #expect(retired.stderr.contains("sub/c.nii: is not what was recorded"), "\(retired)")
    #expect(retired.stdout.contains(#"{"output":"a.nii","state":"removed"}"#), "\(retired.stdout)")
    #expect(scratch.outputs() == ["sub/b.nii", "sub/c.nii"])
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }

  @Test func `a run fails a withdrawn scan that is still there, also under another name, until it is readmitted`()
    throws
  {
    let scratch = try finished()
    try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "withdrawn", "--remove-outputs")
    for arguments in [["run", "job.json"], ["run", "job.json", "--force"]] {
      let run = try scratch.start(arguments).finish()
      run.expect(status: 3)
      #expect(run.stderr.contains("E_IN_WITHDRAWN"), "\(run)")
      #expect(scratch.bytes("out/a.nii") == nil)
    }
    try scratch.move("in/a.nii", to: "in/renamed.nii")
    let renamed = try scratch.medfilter("run", "job.json")
    renamed.expect(status: 3)
    #expect(renamed.stderr.contains("E_IN_WITHDRAWN"), "\(renamed)")
    #expect(scratch.bytes("out/renamed.nii") == nil && scratch.temporaryFiles == [])
    try scratch.move("in/renamed.nii", to: "in/a.nii")
    let back = try scratch.medfilter("retire", Self.log, "a.nii", "--readmit", "--reason", "consent given again")
    back.expect(status: 0)
    #expect(back.stdout.hasPrefix("a.nii: readmitted\n"), "\(back)")
    let run = try scratch.medfilter("run", "job.json")
    run.expect(status: 0)
    #expect(run.stderr.contains("1 done, 2 up to date"), "\(run)")
    try scratch.medfilter("verify", Self.log, "--inputs", "in").expect(status: 0)
  }

  @Test func `unknown scans and logs are 66, and nothing is recorded`() throws {
    let scratch = try finished()
    let before = scratch.text(Self.log)
    let unknown = try scratch.medfilter("retire", Self.log, "a.nii", "sub/b.nii.g", "--reason", "x")
    unknown.expect(status: 66)
    #expect(unknown.stderr.contains(#"did you mean "sub/b.nii.gz"?"#), "\(unknown)")
    try scratch.medfilter("retire", "nowhere/provenance.jsonl", "a.nii", "--reason", "x").expect(status: 66)
    try scratch.medfilter("retire", "out", "a.nii", "--reason", "x").expect(status: 66)
    try scratch.medfilter("retire", "out/summary.json", "a.nii", "--reason", "x").expect(status: 64)
    try scratch.medfilter("retire", Self.log, "a.nii").expect(status: 64)
    try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "").expect(status: 64)
    #expect(scratch.text(Self.log) == before && scratch.listing("nowhere") == [])
  }

  @Test func `withdrawing twice records once, and outlives a log that is put aside`() throws {
    let scratch = try finished()
    try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "x", "--remove-outputs")
    let before = scratch.text(Self.log)
    let again = try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "x")
    again.expect(status: 0)
    #expect(again.stdout.contains("no change"), "\(again)")
    #expect(scratch.text(Self.log) == before)
    let rotated = try scratch.medfilter("run", "job.json", "--rotate-log", "1kB")
    rotated.expect(status: 3)
    #expect(rotated.stderr.contains("E_IN_WITHDRAWN"), "\(rotated)")
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }

  @Test func `a signed log needs its key, and a run that goes on is waited for`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write(Array(SigningTests.privateKey.utf8), to: "site.key", mode: 0o600)
    try scratch.write(Array(SigningTests.publicKey.utf8), to: "site.pub")
    try scratch.medfilter("run", "job.json", "--signing-key", "site.key").require(status: 0)
    try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "x").expect(status: 74)
    try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "x", "--signing-key", "site.key").expect(status: 0)
    let verified = try scratch.medfilter("verify", Self.log, "--key", "site.pub")
    verified.expect(status: 0)
    #expect(verified.stdout.contains("13 lines"), "\(verified)")
    let lock = open(scratch.place("out/.medfilter/lock"), O_RDWR)
    defer { close(lock) }
    try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let locked = try scratch.medfilter("retire", Self.log, "sub/c.nii", "--reason", "x", "--signing-key", "site.key")
    locked.expect(status: 75)
  }

  @Test func `hidden names are given by their hash, or by path with the key`() throws {
    let scratch = try Scratch.threeScans { $0.policy = #"{"names": "hmac"}"# }
    try scratch.write(Array("0123456789abcdef-the-site-key".utf8), to: "names.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("names.key")
    try scratch.medfilter("run", "job.json").require(status: 0)
    let byPath = try scratch.medfilter("retire", Self.log, "a.nii", "--reason", "x", "--remove-outputs")
    byPath.expect(status: 0)
    #expect(byPath.stdout.hasPrefix("hmac:") && !byPath.stdout.contains("a.nii"), "\(byPath)")
    #expect(scratch.outputs() == ["sub/b.nii", "sub/c.nii"])
    let prepared = try scratch.records().filter { $0["type"] as? String == "prepared" }
    let inputs = try #require(prepared.last?["in"] as? [[String: Any]])
    let name = try #require(inputs.first?["name"] as? String)
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = nil
    try scratch.medfilter("retire", Self.log, name, "--reason", "x").expect(status: 0)
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }

  @Test func `a scan that only ever failed can be withdrawn`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([1, 2, 3], to: "in/broken.nii")
    try scratch.medfilter("run", "job.json").require(status: 3)
    try scratch.medfilter("retire", Self.log, "broken.nii", "--reason", "x").expect(status: 0)
    let run = try scratch.medfilter("run", "job.json")
    run.expect(status: 3)
  }

  @Test func `a pair goes by either of its files`() throws {
    let scratch = try Scratch.threeScans()
    let scan = TinyScan.noise(6, 5, 4)
    var header = Array(scan.header[..<348])
    header.replaceSubrange(108..<112, with: [0, 0, 0, 0])
    header.replaceSubrange(344..<348, with: Array("ni1\0".utf8))
    try scratch.write(header, to: "in/pair.hdr")
    try scratch.write(Array(scan.bytes[TinyScan.headerBytes...]), to: "in/pair.img")
    try scratch.medfilter("run", "job.json").require(status: 0)
    try scratch.medfilter("retire", Self.log, "pair.img", "--reason", "x", "--remove-outputs")
    let run = try scratch.medfilter("run", "job.json")
    run.expect(status: 3)
    #expect(run.stderr.contains("E_IN_WITHDRAWN"), "\(run)")
    try scratch.medfilter("retire", Self.log, "pair.hdr", "--readmit", "--reason", "x").expect(status: 0)
    try scratch.medfilter("run", "job.json").expect(status: 0)
  }
}
