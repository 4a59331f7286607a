import Foundation
import Glibc
import Testing

/// `summary.json` is of the last run, however that ended.
@Suite struct SummaryTests {
  private func summary(_ scratch: Scratch) throws -> [String: Any] {
    let bytes = Data(scratch.bytes("out/summary.json") ?? [])
    return try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
  }

  private func longJob() throws -> Scratch {
    let scratch = try Scratch()
    let series = TinyScan.noise(48, 48, 32, 16, type: .uint8)
    for name in ["a", "b", "c"] { try scratch.write(series, to: "in/\(name).nii") }
    var job = TestJob()
    job.filters =
      "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 12).joined(separator: ",") + "]"
    job.threads = 1
    try scratch.write(job)
    return scratch
  }

  @Test func `it begins with its state, and names the run as the log does`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(scratch.text("out/summary.json").hasPrefix("{\n  \"state\": \"finished\""))
    let first = try summary(scratch)
    let run = try #require(first["run"] as? String)
    let named = try scratch.records().filter { $0["run"] as? String == run }.compactMap { $0["type"] as? String }
    #expect(named == ["run_start", "run_end"])
    #expect(first["format"] as? String == "medfilter-summary" && first["version"] as? Int == 1)
    #expect(first["job"] as? String == "test" && first["status"] as? Int == 0)
    let (started, ended) = (first["started"] as? String ?? "", first["ended"] as? String ?? "")
    #expect(started.hasSuffix("Z") && ended.hasSuffix("Z") && started < ended)
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(try summary(scratch)["run"] as? String != run)
  }

  @Test func `a killed run leaves it running, and the lock tells that nobody runs`() throws {
    let scratch = try longJob()
    let running = try scratch.start(["run", "job.json", "--progress", "json"])
    #expect(running.waitUntilTold(#""event":"stage""#))
    let during = try summary(scratch)
    #expect(during["state"] as? String == "running" && during["status"] is NSNull && during["ended"] is NSNull)
    // Whoever comes second leaves it alone.
    try scratch.medfilter("run", "job.json").expect(status: 75)
    #expect(try summary(scratch)["run"] as? String == during["run"] as? String)
    running.send(SIGKILL)
    _ = running.finish()
    #expect(try summary(scratch)["state"] as? String == "running")
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl")
    verified.expect(status: 75)
    #expect(verified.stderr.contains("run the job, then verify again"), "\(verified)")
    let again = try scratch.start(["run", "job.json", "--progress", "json"])
    #expect(again.waitUntilTold(#""event":"stage""#))
    again.send(SIGTERM)
    again.finish().expect(status: 75)
    let stopped = try summary(scratch)
    #expect(stopped["state"] as? String == "stopped" && stopped["ending"] as? String == "interrupted")
    #expect(stopped["status"] as? Int == 75 && stopped["run"] as? String != during["run"] as? String)
  }

  @Test func `a log that cannot be continued is told in it`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").require(status: 0)
    let run = try summary(scratch)["run"] as? String
    var log = try #require(scratch.bytes("out/provenance.jsonl"))
    log[200] ^= 1
    try scratch.write(log, to: "out/provenance.jsonl")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 74)
    let told = try summary(scratch)
    #expect(told["state"] as? String == "stopped" && told["status"] as? Int == 74 && told["run"] as? String != run)
    #expect((told["reason"] as? String ?? "-").contains("the log of the output root cannot be used"))
  }

  @Test func `a run that stops at the first failure says so`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([1, 2, 3], to: "in/a0.nii")
    try scratch.medfilter("run", "job.json", "--fail-fast").expect(status: 3)
    let told = try summary(scratch)
    #expect(told["state"] as? String == "stopped" && told["ending"] as? String == "fail_fast")
  }

  @Test func `failures are told by cause at the end, and where results lie`() throws {
    let scratch = try Scratch.threeScans()
    for number in 0..<60 {
      try scratch.write(Array(TinyScan.noise(4, 4, 4).bytes.dropLast(number + 1)), to: "in/cut\(number).nii")
    }
    let outcome = try scratch.medfilter("run", "job.json", "--progress", "plain")
    outcome.expect(status: 3)
    let lines = outcome.stderr.split(separator: "\n")
    #expect(lines.count { $0.contains("E_TRUNCATED") } <= 21)
    let cause = try #require(lines.last { $0.contains("60 scans failed for the same cause") })
    #expect(cause.contains("E_TRUNCATED") && cause.contains("cut0.nii, cut1.nii, cut10.nii and 57 more"))
    #expect(lines.dropLast().last?.contains("with the log provenance.jsonl and summary.json") == true)
  }
}
