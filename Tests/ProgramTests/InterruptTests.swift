import Glibc
import Testing

/// Being stopped, and being two.
@Suite struct InterruptTests {
  /// Scans that take some tenths of a second each.
  private func longJob() throws -> Scratch {
    let scratch = try Scratch()
    let series = TinyScan.noise(48, 48, 32, 16, type: .uint8)
    for name in ["a", "b", "c", "d"] { try scratch.write(series, to: "in/\(name).nii") }
    var job = TestJob()
    job.filters =
      "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 12).joined(separator: ",") + "]"
    job.output = #", "voxel_type": "uint8""#
    job.threads = 1
    try scratch.write(job)
    return scratch
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func `a signal ends the run with 75, and the next run finishes the job`(signal: Int32) throws {
    let scratch = try longJob()
    let running = try scratch.start(["run", "job.json", "--progress", "json"])
    // The first scan is done and the second is under way.
    #expect(running.waitUntilTold(#""outcome":"done""#))
    let asked = ContinuousClock.now
    running.send(signal)
    let outcome = running.finish()
    outcome.expect(status: 75)
    #expect(asked.duration(to: .now) < .seconds(5))
    #expect(outcome.stderr.contains("not started"))
    #expect(scratch.temporaryFiles == [])
    let finished = scratch.outputs()
    #expect((1...3).contains(finished.count))
    let end = try #require(scratch.records().last)
    #expect(end["type"] as? String == "run_end" && end["ending"] as? String == "interrupted")
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)

    let again = try scratch.medfilter("run", "job.json", "--threads", "4")
    again.expect(status: 0)
    #expect(again.stderr.contains("\(4 - finished.count) done, \(finished.count) up to date"), "\(again)")
    #expect(Set(["a", "b", "c", "d"].map { scratch.bytes("out/\($0).nii") }).count == 1, "the same scans differ")
  }

  @Test func `a second run on the same output tree is 75 and names the first`() throws {
    let scratch = try longJob()
    let running = try scratch.start(["run", "job.json", "--progress", "json"])
    #expect(running.waitUntilTold(#""event":"stage""#))
    let second = try scratch.medfilter("run", "job.json")
    second.expect(status: 75)
    #expect(second.stderr.contains("another run holds the output root (pid \(running.process)"), "\(second.stderr)")
    running.send(SIGTERM)
    running.finish().expect(status: 75)
  }

  @Test func `a killed run leaves no lock, and its temporary files go with the next run`() throws {
    let scratch = try longJob()
    let running = try scratch.start(["run", "job.json", "--progress", "json"])
    #expect(running.waitUntilTold(#""outcome":"done""#))
    #expect(running.waitUntilTold(#""scan":"b.nii""#) && running.waitUntilTold(#""frame":2"#))
    running.send(SIGKILL)
    running.finish().expect(status: 128 + SIGKILL)
    let again = try scratch.medfilter("run", "job.json", "--threads", "4")
    again.expect(status: 0)
    #expect(scratch.temporaryFiles == [])
    #expect(scratch.outputs().count == 4)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }
}
