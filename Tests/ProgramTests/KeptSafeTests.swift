import Foundation
import Glibc
import Testing

/// What is written is no more open than what was read; one output never stops the night; a tree that was taken away does.
@Suite struct KeptSafeTests {
  private static func mode(_ scratch: Scratch, _ name: String) -> mode_t {
    var facts = stat()
    return stat(scratch.place(name), &facts) == 0 ? facts.st_mode & 0o777 : 0
  }

  @Test(arguments: [(0o600, 0o600), (0o640, 0o640), (0o644, 0o644), (0o664, 0o644)])
  func `an output lets in nobody whom its input keeps out`(input: Int, output: Int) throws {
    let scratch = try Scratch()
    try scratch.write(TinyScan.noise(5, 4, 3).bytes, to: "in/a.nii", mode: mode_t(input))
    try scratch.write(TestJob())
    try scratch.medfilter("run", "job.json", under: ["/bin/sh", "-c", #"umask 022; exec "$0" "$@""#]).expect(status: 0)
    #expect(Self.mode(scratch, "out/a.nii") == mode_t(output))
    for record in ["provenance.jsonl", "provenance.head", "summary.json"] {
      #expect(Self.mode(scratch, "out/\(record)") & ~mode_t(output) == 0, "\(record)")
    }
    #expect(Self.mode(scratch, "out/.medfilter/lock") == 0o600)
  }

  @Test func `records are as open as the most open output, and a log keeps its mode`() throws {
    let scratch = try Scratch()
    try scratch.write(TinyScan.noise(5, 4, 3).bytes, to: "in/a.nii", mode: 0o600)
    try scratch.write(TinyScan.noise(5, 4, 3, seed: 2).bytes, to: "in/b.nii", mode: 0o640)
    try scratch.write(TestJob())
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(Self.mode(scratch, "out/a.nii") == 0o600 && Self.mode(scratch, "out/b.nii") == 0o640)
    #expect(Self.mode(scratch, "out/provenance.jsonl") == 0o640 && Self.mode(scratch, "out/summary.json") == 0o640)
    chmod(scratch.place("out/provenance.jsonl"), 0o600)
    try scratch.medfilter("run", "job.json").expect(status: 0)
    for record in ["provenance.jsonl", "provenance.head", "summary.json"] {
      #expect(Self.mode(scratch, "out/\(record)") == 0o600, "\(record)")
    }
  }

  @Test func `a pair lets in nobody whom one of its files keeps out`() throws {
    let scratch = try Scratch()
    let (header, voxels) = TinyScan.noise(6, 5, 4, seed: 3).pair
    try scratch.write(header, to: "in/p.hdr", mode: 0o644)
    try scratch.write(voxels, to: "in/p.img", mode: 0o600)
    try scratch.write(TestJob())
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(Self.mode(scratch, "out/p.nii") == 0o600)
  }

  @Test func `headers that claim more than their files can hold do not keep others from being done`() throws {
    let scratch = try Scratch.threeScans()
    var disk = statvfs()
    try #require(statvfs(scratch.folder, &disk) == 0)
    // As float32 each takes some 60 % of the disk.
    let length = Int(pow(0.6 * Double(disk.f_bavail) * Double(disk.f_frsize) / 4, 1.0 / 3))
    let claim = TinyScan(dims: [length, length, length], values: [])
    for name in ["x", "y"] { try scratch.write(claim, to: "in/\(name).nii.gz") }
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("3 done, 2 failed"), "\(outcome)")
  }

  /// A run that works for long enough to be disturbed after its first output.
  private static func disturbed(_ disturb: (Scratch) throws -> Void) throws -> (Outcome, Scratch) {
    let scratch = try Scratch()
    for number in 1...6 {
      try scratch.write(.noise(64, 64, 40, 6, seed: UInt64(number)), to: "in/\(number).nii")
    }
    var job = TestJob()
    job.filters = TestJob.slowFilters
    job.threads = 1
    try scratch.write(job)
    let running = try scratch.start(["run", "job.json", "--progress", "plain"])
    #expect(running.waitUntilTold("[1/6]", within: 60))
    try disturb(scratch)
    return (running.finish(), scratch)
  }

  @Test func `a run whose output root was moved away does not end well`() throws {
    let (outcome, scratch) = try Self.disturbed { try $0.move("out", to: "elsewhere") }
    outcome.expect(status: 74)
    #expect(outcome.stderr.contains("the output root was moved"), "\(outcome)")
    #expect(scratch.temporaryFiles == [])
  }

  @Test func `a run whose lock was cleaned away stops before a second writer breaks the log`() throws {
    let (outcome, scratch) = try Self.disturbed { try $0.remove("out/.medfilter") }
    outcome.expect(status: 74)
    #expect(outcome.stderr.contains(".medfilter/lock was removed"), "\(outcome)")
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `a run whose log somebody else wrote to stops`() throws {
    let (outcome, _) = try Self.disturbed { scratch in
      let log = try FileHandle(forWritingTo: URL(filePath: scratch.place("out/provenance.jsonl")))
      try log.seekToEnd()
      try log.write(contentsOf: Data("x\n".utf8))
    }
    outcome.expect(status: 74)
    #expect(outcome.stderr.contains("written to by somebody else"), "\(outcome)")
  }
}
