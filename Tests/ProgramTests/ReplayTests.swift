import ByteStreams
import Foundation
import Glibc
import Testing

@Suite struct ReplayTests {
  static let chain =
    #"[{"filter": "gaussian", "sigma_vox": 0.8}, {"filter": "scale", "slope": 0.5, "intercept": 3}, {"filter": "box", "size_vox": [3, 1, 5], "boundary": "wrap"}]"#

  private func finished(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans { job in
      job.filters = Self.chain
      change(&job)
    }
    let run = try scratch.medfilter("run", "job.json")
    try run.require(status: 0)
    return scratch
  }

  @Test(arguments: [("nii", "float32"), ("nii.gz", "int16"), ("nii.zst", "same"), ("nii", "float64")])
  func `what was recorded is computed again, whatever the outputs' form`(format: String, type: String) throws {
    let scratch = try finished { ($0.format, $0.output) = (format, #", "voxel_type": "\#(type)""#) }
    for arguments in [["--inputs", "in"], ["--job", "job.json"], ["--inputs", "in", "--threads", "1"]] {
      let outcome = try scratch.start(["replay", "out/provenance.jsonl"] + arguments).finish()
      outcome.expect(status: 0)
      #expect(outcome.stdout.contains("3 outputs computed again, all voxels as recorded"))
    }
  }

  @Test func `nothing is written, and the outputs are not needed`() throws {
    let scratch = try finished()
    for output in scratch.outputs() { try scratch.remove("out/\(output)") }
    let before = scratch.listing()
    try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in").expect(status: 0)
    #expect(scratch.listing() == before)
  }

  @Test func `the last record of an output counts, and each run its own job`() throws {
    let scratch = try finished()
    var other = TestJob()
    other.output = #", "on_exists": "replace""#
    other.input = #"{"root": "in", "include": ["a.nii"]}"#
    try scratch.write(other, to: "other.json")
    try scratch.medfilter("run", "other.json").require(status: 0)
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 0)
    let sample = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in", "--sample", "2", "--json")
    #expect(sample.stdout.contains("\"same\":true,\"outputs\":2,\"problems\":[]"), "\(sample.stdout)")
  }

  @Test func `a log that was put aside is verified and replayed with the one that continues it`() throws {
    let scratch = try finished()
    try scratch.write(.noise(5, 5, 5), to: "in/late.nii")
    let run = try scratch.medfilter("run", "job.json", "--rotate-log", "1kB")
    run.expect(status: 0)
    #expect(run.stderr.contains("1 done, 3 up to date"), "\(run)")
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    #expect(verified.stdout.contains("lines in 2 logs, 4 outputs as recorded, 4 inputs"), "\(verified)")
    let replayed = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    replayed.expect(status: 0)
    #expect(replayed.stdout.contains("4 outputs computed again"), "\(replayed)")
  }

  @Test func `changed and missing inputs are found`() throws {
    let scratch = try finished()
    try scratch.write(.noise(8, 7, 6, seed: 77), to: "in/a.nii")
    try scratch.remove("in/sub/b.nii.gz")
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("input-changed: expected a.nii with SHA-256"), "\(outcome)")
    #expect(outcome.stderr.contains("replay: expected sub/b.nii again, found E_IN_OPEN"), "\(outcome)")
  }

  @Test func `a scan that was put back after planning is told, not computed with another's plan`() throws {
    let scratch = try Scratch()
    for name in ["a", "c"] { try scratch.write(.noise(8, 7, 6), to: "in/\(name).nii") }
    try scratch.write(.noise(48, 48, 32, 8), to: "in/b.nii")
    var job = TestJob()
    job.filters =
      "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 12).joined(separator: ",") + "]"
    try scratch.write(job)
    try scratch.medfilter("run", "job.json").require(status: 0)
    let recorded = try #require(scratch.bytes("in/c.nii"))
    try scratch.write(.noise(3, 3, 3), to: "in/c.nii")
    let running = try scratch.start(["replay", "out/provenance.jsonl", "--inputs", "in"])
    // All is planned, and the second scan takes some tenths of a second.
    #expect(running.waitUntilTold("[1] a.nii"))
    try scratch.write(recorded, to: "in/c.nii")
    let outcome = running.finish()
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("found E_IN_CHANGED"), "\(outcome)")
  }

  private func forge(_ scratch: Scratch, _ text: String, _ other: String) throws {
    try scratch.forgeLog { $0.replacing(text, with: other) }
  }

  @Test func `a record of voxels that never were is found by nothing else`() throws {
    let scratch = try finished()
    let output = try #require(scratch.records().last { $0["type"] as? String == "output" }?["out"] as? [String: Any])
    let digest = try #require((output["voxels"] as? [String: Any])?["digest"] as? String)
    try forge(scratch, digest, String(repeating: "0", count: 64))
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 65)
    #expect(
      outcome.stderr.contains("SHA-256 \(String(repeating: "0", count: 64)), found \(digest)"), "\(outcome)")
  }

  @Test func `another recipe is found before anything is computed`() throws {
    let scratch = try finished()
    try forge(scratch, #""sigma_vox":0.8"#, #""sigma_vox":0.9"#)
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("recipe: expected what makes"), "\(outcome)")
  }

  @Test func `a log that is not whole is not built on`() throws {
    let scratch = try finished()
    try scratch.write(
      Array(scratch.text("out/provenance.jsonl").replacing("box", with: "bax").utf8), to: "out/provenance.jsonl")
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("not whole; nothing was computed"), "\(outcome)")
    try scratch.medfilter("replay", "out/none.jsonl").expect(status: 66)
  }

  @Test func `jobs with masks need their job file, and the same mask`() throws {
    let scratch = try Scratch()
    let scan = TinyScan.noise(8, 7, 6)
    try scratch.write(scan, to: "in/a.nii")
    try scratch.write(.noise(8, 7, 6, seed: 5), to: "masks/m.nii")
    var job = TestJob()
    job.filters = #"[{"filter": "mask", "file": "masks/m.nii"}]"#
    try scratch.write(job)
    try scratch.medfilter("run", "job.json").require(status: 0)
    let without = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    without.expect(status: 64)
    #expect(without.stderr.contains("give it with --job"), "\(without)")
    try scratch.medfilter("replay", "out/provenance.jsonl", "--job", "job.json").expect(status: 0)
    try scratch.write(.noise(8, 7, 6, seed: 6), to: "masks/m.nii")
    let changed = try scratch.medfilter("replay", "out/provenance.jsonl", "--job", "job.json")
    changed.expect(status: 65)
    #expect(changed.stderr.contains("recipe:"), "\(changed)")
    let nowhere = try scratch.medfilter("replay", "out/provenance.jsonl")
    nowhere.expect(status: 64)
  }

  @Test func `scans with hidden names are found by the key`() throws {
    let scratch = try Scratch.threeScans { $0.policy = #"{"names": "hmac"}"# }
    try scratch.write(Array("0123456789abcdef-the-site-key".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    try scratch.medfilter("run", "job.json").require(status: 0)
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 0)
    #expect(!outcome.stderr.contains("a.nii"), "\(outcome)")
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    verified.expect(status: 0)
    #expect(verified.stdout.contains("3 inputs as recorded"), "\(verified)")
    try scratch.write(.noise(3, 3, 3), to: "in/sub/b.nii.gz")
    let changed = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    changed.expect(status: 65)
    #expect(changed.stderr.contains("input-changed: expected hmac:"), "\(changed)")
    #expect(!changed.stderr.contains("b.nii"))
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = nil
    let keyless = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    keyless.expect(status: 0)
    #expect(keyless.stderr.contains("none for 3 inputs"), "\(keyless)")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    try scratch.remove("in/a.nii")
    let missing = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    missing.expect(status: 65)
    #expect(missing.stderr.contains("whose name has this keyed hash"), "\(missing)")
  }

  @Test(
    arguments: [
      (#"{"filter":"box""#, #"{"filter":"kernel","file":"SECRET","mode":"correlate"},{"filter":"box""#),
      (#"{"filter":"box""#, #"{"filter":"mask","file":"SECRET"},{"filter":"box""#),
      (#""boundary":"wrap""#, #""boundary":"wrap","mask":"SECRET""#),
      (#""name":"a.nii""#, #""name":"SECRET""#), (#""name":"a.nii""#, #""name":"../secret""#),
      (#""name":"a.nii""#, #""name":"sub/../../secret""#), (#""name":"a.nii""#, #""name":"link.nii""#),
      (#""name":"a.nii""#, #""name":"folder/secret""#),
    ])
  func `a forged log has nothing opened outside of the inputs`(text: String, other: String) throws {
    let scratch = try finished()
    // A scan that would do, so that only not opening it can be why it is refused; and words that nothing repeats.
    try scratch.write(Array("{\"CANARY\": \"root:x:0:0\"}".utf8), to: "secret")
    try scratch.link("in/link.nii", to: "../secret")
    try scratch.link("in/folder", to: "..")
    try scratch.forgeLog { $0.replacing(text, with: other.replacing("SECRET", with: scratch.place("secret"))) }
    let watch = try Watch(of: scratch.place("secret"))
    for command in ["replay", "verify"] {
      let outcome = try scratch.medfilter(command, "out/provenance.jsonl", "--inputs", "in")
      let isOfJob = !text.contains("a.nii")
      outcome.expect(status: isOfJob ? (command == "verify" ? 0 : 64) : 65)
      #expect(!(outcome.stderr + outcome.stdout).contains("root:"), "\(outcome)")
      #expect(!(outcome.stderr + outcome.stdout).contains("CANARY"), "\(outcome)")
      #expect(!watch.hasSeenOpening, "\(command) opened it")
    }
    _ = scratch.bytes("secret")
    #expect(watch.hasSeenOpening, "the watch sees nothing")
  }

  /// Tells whether anybody has opened a file.
  private final class Watch {
    private let descriptor: Int32

    init(of path: String) throws {
      descriptor = inotify_init1(Int32(IN_NONBLOCK))
      try #require(descriptor >= 0 && inotify_add_watch(descriptor, path, UInt32(IN_OPEN)) >= 0)
    }

    deinit { close(descriptor) }

    var hasSeenOpening: Bool {
      var room = [UInt8](repeating: 0, count: 4096)
      return read(descriptor, &room, room.count) > 0
    }
  }

  @Test func `links out of the inputs are followed for a job that was given, or when asked for`() throws {
    let scratch = try Scratch()
    try scratch.write(.noise(8, 7, 6), to: "elsewhere/a.nii")
    try scratch.link("in/a.nii", to: scratch.place("elsewhere/a.nii"))
    try scratch.write(.noise(5, 4, 3), to: "in/real/b.nii")
    try scratch.link("in/b.nii", to: scratch.place("in/real/b.nii"))
    var job = TestJob()
    job.input = #"{"root": "in", "include": ["*.nii"], "symlinks": "follow"}"#
    try scratch.write(job)
    try scratch.medfilter("run", "job.json").require(status: 0)
    let log = "out/provenance.jsonl"
    let outcome = try scratch.medfilter("replay", log, "--inputs", "in")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("[2] b.nii: the same voxels"), "\(outcome)")
    try scratch.medfilter("replay", log, "--inputs", "in", "--follow-links").expect(status: 0)
    try scratch.medfilter("replay", log, "--job", "job.json").expect(status: 0)
    try scratch.medfilter("verify", log, "--inputs", "in", "--decode").expect(status: 0)
  }

  @Test func `an output that lies there and is another one is found`() throws {
    let scratch = try finished()
    try scratch.move("out/a.nii", to: "kept.nii")
    try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in").expect(status: 0)
    try scratch.move("out/sub/b.nii", to: "out/a.nii")
    let outcome = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("output-changed: expected a.nii"), "\(outcome)")
  }
}
