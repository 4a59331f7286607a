import Foundation
import Glibc
import Testing

/// Scans that were finished while one before them took long are published together, and still each for itself.
@Suite struct ScanCommitsTests {
  private static let names = ["a.nii", "b.nii", "c.nii", "d.nii", "e.nii", "f/f.nii", "g.nii", "h.nii", "i.nii"]

  private func archive(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(64, 64, 64, 24, type: .uint8), to: "in/a.nii")
    for (seed, name) in Self.names.enumerated().dropFirst() {
      try scratch.write(.noise(9, 8, 7, seed: UInt64(seed)), to: "in/\(name)")
    }
    var job = TestJob()
    job.filters =
      "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 12).joined(separator: ",") + "]"
    job.output = #", "voxel_type": "uint8""#
    job.threads = 4
    change(&job)
    try scratch.write(job)
    return scratch
  }

  /// Starts a run and stops it where the first scan is being filtered and all others have their temporary files, so that
  /// whether a name is free has been looked at.
  private func heldUp(_ scratch: Scratch, _ words: String..., under prefix: [String] = []) throws -> Running {
    let running = try scratch.start(["run", "job.json"] + words, under: prefix)
    let deadline = ContinuousClock.now + .seconds(20)
    while scratch.temporaryFiles.count < Self.names.count, ContinuousClock.now < deadline { usleep(1000) }
    running.send(SIGSTOP)
    try #require(scratch.temporaryFiles.count == Self.names.count && scratch.outputs() == [])
    return running
  }

  private func goOn(_ running: Running) -> Outcome {
    running.send(SIGCONT)
    return running.finish()
  }

  /// What became of each scan, in the log's order.
  private func ends(_ scratch: Scratch) throws -> [String] {
    try scratch.records().compactMap { record in
      switch record["type"] as? String {
      case "output": (record["out"] as? [String: Any])?["name"] as? String
      case "scan_failed": "\(record["scan"] ?? "") \(record["class"] ?? "")"
      default: nil
      }
    }
  }

  /// - Parameter verified: what the verifier thinks of what is left in the failed scan's place.
  private func expectOnlyFailed(
    _ failed: String, _ outcome: Outcome, _ scratch: Scratch, verified status: Int32
  ) throws {
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("8 done, 1 failed"), "\(outcome)")
    let expected = Self.names.map { failed.hasPrefix($0) ? failed : $0 }
    #expect(try ends(scratch) == expected)
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl")
    verified.expect(status: status)
    let again = try scratch.medfilter("run", "job.json")
    #expect(again.stderr.contains("8 up to date"), "\(again)")
    #expect(scratch.temporaryFiles == [])
  }

  @Test func `a name that is taken meanwhile fails its scan and no other`() throws {
    let scratch = try archive()
    let running = try heldUp(scratch)
    try scratch.write([1, 2, 3], to: "out/e.nii")
    try expectOnlyFailed("e.nii E_OUT_EXISTS", goOn(running), scratch, verified: 65)
    #expect(scratch.bytes("out/e.nii") == [1, 2, 3])
  }

  @Test func `a folder that is closed meanwhile fails its scan and no other`() throws {
    let scratch = try archive()
    let running = try heldUp(scratch, under: OutputDiskTests.withoutOverride)
    chmod(scratch.place("out/f"), 0o500)
    let outcome = goOn(running)
    chmod(scratch.place("out/f"), 0o755)
    // The temporary file could not be removed.
    try expectOnlyFailed("f/f.nii E_OUT_PERM", outcome, scratch, verified: 75)
  }

  @Test func `fail-fast publishes nothing that comes after a failure, however long it was finished`() throws {
    let scratch = try archive()
    let running = try heldUp(scratch, "--fail-fast")
    try scratch.write([1, 2, 3], to: "out/c.nii")
    let outcome = goOn(running)
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("2 done, 1 failed, 6 not started"), "\(outcome)")
    #expect(scratch.outputs() == ["a.nii", "b.nii", "c.nii"])
    #expect(scratch.temporaryFiles == [])
  }

  @Test func `a signal before their turn publishes none of them`() throws {
    let scratch = try archive()
    let running = try heldUp(scratch)
    running.send(SIGTERM)
    goOn(running).expect(status: 75)
    #expect(scratch.outputs() == [] && scratch.temporaryFiles == [])
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test(.disabled(if: Instruments.takeMemory, "sanitizers write larger files themselves"))
  func `a log that fails anywhere tells as many done as it has recorded`() throws {
    // The first is large and its output small: smaller than the log.
    let scratch = try archive {
      $0.format = "nii.zst"
      $0.filters = TestJob.slowFilters
    }
    let (dims, voxels) = ([64, 64, 64, 12], 64 * 64 * 64 * 12)
    let first = TinyScan(dims: dims, type: .uint8, values: [Double](repeating: 7, count: voxels))
    try scratch.write(first, to: "in/a.nii")
    try scratch.medfilter("run", "job.json").require(status: 0)
    let whole = try #require(scratch.bytes("out/provenance.jsonl")?.count)
    // From what has to fit before a run begins.
    for limit in stride(from: 4100, to: whole, by: 700) {
      try scratch.remove("out")
      let outcome = try scratch.medfilter("run", "job.json", under: ["/usr/bin/prlimit", "--fsize=\(limit)"])
      let recorded = scratch.text("out/provenance.jsonl").split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast().count { $0.contains(#""type":"output""#) }
      outcome.expect(status: 74)
      #expect(outcome.stderr.contains(": \(recorded) done"), "\(limit): \(outcome)")
      let again = try scratch.medfilter("run", "job.json")
      again.expect(status: 0)
      try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    }
  }
}
