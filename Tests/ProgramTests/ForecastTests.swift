import Foundation
import Testing

/// What `plan` says that a run would do, and what the run then does.
@Suite struct ForecastTests {
  struct Document: Decodable {
    struct Scan: Decodable {
      let scan: String
      let decision: String
      let reason: String?
      let `class`: String?
      let failed_last: String?
    }

    struct Forecast: Decodable {
      struct Room: Decodable {
        let bytes: Int
        let basis: String
        let free_bytes: Int?
      }

      struct Time: Decodable {
        let seconds: Double
        let basis: String
      }

      struct Compared: Decodable {
        let files_read: Int
        let files_by_times: Int
        let files_by_size: Int
      }

      let to_do: Int
      let up_to_date: Int
      let would_fail: Int
      let room: Room
      let time: Time?
      let compared: Compared
    }

    struct Finding: Decodable {
      let code: String
      let detail: String
    }

    let scans: [Scan]
    let forecast: Forecast
    let findings: [Finding]
  }

  private func plan(_ scratch: Scratch, _ options: String...) throws -> Document {
    let outcome = try scratch.start(["plan", "job.json", "--json"] + options).finish()
    return try JSONDecoder().decode(Document.self, from: Data(outcome.stdout.utf8))
  }

  private func finished(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans(change)
    let outcome = try scratch.medfilter("run", "job.json")
    try outcome.require(status: 0)
    return scratch
  }

  /// Plans, then runs, and holds the one against the other, scan by scan.
  private func expectForetold(_ scratch: Scratch, _ decisions: [String], options: [String] = []) throws {
    let before = scratch.listing()
    for extra in [[], ["--verify-all"]] {
      let planned = try scratch.start(["plan", "job.json", "--json"] + extra).finish()
      let document = try JSONDecoder().decode(Document.self, from: Data(planned.stdout.utf8))
      #expect(document.scans.map { $0.reason ?? $0.class ?? $0.decision } == decisions, "\(planned.stderr)")
      planned.expect(status: document.forecast.would_fail > 0 ? 3 : 0)
    }
    #expect(scratch.listing() == before)
    let run = try scratch.start(["run", "job.json"] + options).finish()
    let done = try scratch.summaryScans().map { scan in
      (scan["reason"] ?? scan["class"] ?? scan["outcome"]) as? String
    }
    #expect(done == decisions, "\(run)")
  }

  @Test func `what is new, up to date, changed and gone is foretold as it is done`() throws {
    let scratch = try Scratch.threeScans()
    try expectForetold(scratch, ["new", "new", "new"])
    try expectForetold(scratch, ["up_to_date", "up_to_date", "up_to_date"])
    var bytes = try #require(scratch.bytes("in/sub/c.nii"))
    bytes[TinyScan.headerBytes + 10] ^= 1
    try scratch.write(bytes, to: "in/sub/c.nii")
    try scratch.write(.noise(9, 4, 3, seed: 9), to: "in/d.nii")
    try scratch.remove("out/a.nii")
    try expectForetold(scratch, ["output_missing", "new", "up_to_date", "input_changed"])
  }

  @Test func `what is refused, and what another job or another hand has made, is foretold as it fails`() throws {
    let scratch = try finished()
    var job = TestJob()
    job.filters = #"[{"filter": "box", "size_vox": 5}]"#
    try scratch.write(job)
    try scratch.write([1, 2, 3], to: "in/z.nii")
    try scratch.write(Array("precious".utf8), to: "out/y.nii")
    try scratch.write(.noise(4, 4, 4), to: "in/y.nii")
    let exists = "E_OUT_EXISTS"
    try expectForetold(scratch, [exists, exists, exists, exists, "E_FMT_UNKNOWN"])
    job.output = #", "on_exists": "replace""#
    try scratch.write(job)
    try expectForetold(scratch, ["job_changed", "job_changed", "job_changed", "foreign_file", "E_FMT_UNKNOWN"])
  }

  @Test func `a touched file of the same content is up to date, also for a log without times`() throws {
    let scratch = try EarlierTreesTests.copy()
    try scratch.move("jobs/nii.json", to: "jobs/job.json")
    let outcome = try scratch.medfilter("plan", "jobs/job.json", "--json")
    let document = try JSONDecoder().decode(Document.self, from: Data(outcome.stdout.utf8))
    #expect(document.forecast.up_to_date == document.scans.count && document.forecast.to_do == 0)
  }

  @Test func `a changed job is one sentence with a way out, in the plan and in the run`() throws {
    let scratch = try Scratch()
    for index in 1...40 { try scratch.write(.noise(3, 3, 3, seed: UInt64(index)), to: "in/s\(index + 100).nii") }
    try scratch.write(TestJob())
    try scratch.medfilter("run", "job.json").require(status: 0)
    var job = TestJob()
    job.filters = #"[{"filter": "box", "size_vox": 5}]"#
    try scratch.write(job)
    let plan = try scratch.medfilter("plan", "job.json")
    plan.expect(status: 3)
    #expect(plan.stderr.split(separator: "\n").count == 1, "\(plan)")
    #expect(plan.stderr.contains("and 37 more scans: E_OUT_EXISTS") && plan.stderr.contains("\"replace\""))
    #expect(plan.stdout.contains("a run would find: 40 would fail"), "\(plan)")
    let run = try scratch.medfilter("run", "job.json")
    run.expect(status: 3)
    #expect(run.stderr.split(separator: "\n").count < 10, "\(run)")
    #expect(run.stderr.contains("40 scans failed for the same reason: E_OUT_EXISTS"), "\(run)")
    #expect(try scratch.summaryScans().count { $0["class"] as? String == "E_OUT_EXISTS" } == 40)
  }

  @Test func `what failed last time is told, until it is done`() throws {
    let scratch = try Scratch.threeScans()
    let sound = try #require(scratch.bytes("in/a.nii"))
    try scratch.write([1, 2, 3], to: "in/a.nii")
    try scratch.medfilter("run", "job.json").require(status: 3)
    try scratch.write(sound, to: "in/a.nii")
    #expect(try plan(scratch).scans.map(\.failed_last) == ["E_FMT_UNKNOWN", nil, nil])
    let text = try scratch.medfilter("plan", "job.json").stdout
    #expect(text.contains("1 of those to do failed in the last run, and would be tried again"), "\(text)")
    try scratch.medfilter("run", "job.json").require(status: 0)
    #expect(try plan(scratch).scans.allSatisfy { $0.failed_last == nil })
  }

  @Test func `the room is exact for plain outputs, and as earlier ones came out for compressed ones`() throws {
    let plain = try Scratch.threeScans()
    let bytes = (2 * 8 * 7 * 6 + 5 * 4 * 3 * 2) * 4 + 3 * 352
    let before = try plan(plain).forecast
    #expect(before.room.bytes == bytes && before.room.basis == "exact" && (before.room.free_bytes ?? 0) > 0)
    #expect(before.time?.basis == "measured")
    try plain.medfilter("run", "job.json").require(status: 0)
    #expect(try plain.outputs().reduce(0) { try $0 + #require(plain.bytes("out/\($1)")).count } == bytes)
    let packed = try finished { $0.format = "nii.gz" }
    for output in packed.outputs() { try packed.remove("out/\(output)") }
    let after = try plan(packed).forecast
    #expect(after.to_do == 3 && after.room.basis == "recorded" && after.room.bytes < bytes)
    #expect(after.time?.basis == "recorded")
  }

  @Test func `a few grids are told one by one, many in a summary with those that stand out`() throws {
    let scratch = try Scratch()
    for index in 0..<60 {
      var scan = TinyScan.noise(4 + index % 6, 4 + index / 6, 4, seed: UInt64(index))
      if index == 17 { scan.spacing = [1, 1, 9] }
      try scratch.write(scan, to: "in/s\(100 + index).nii")
    }
    try scratch.write(TestJob())
    let outcome = try scratch.medfilter("plan", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stdout.split(separator: "\n").count < 30, "\(outcome)")
    #expect(
      outcome.stdout.contains("all 60 grids: 4 to 9 × 4 to 13 × 4 voxels of 1 × 1 × 1 to 9 mm"), "\(outcome)")
    #expect(outcome.stdout.contains("stands out: 9×6×4 voxels of 1 × 1 × 9 mm"))
  }

  @Test func `recorded scans that are gone are counted and named, in plan, run, summary and log`() throws {
    let scratch = try finished()
    try scratch.move("in/sub", to: "away")
    let sentence = "input: 2 of 3 recorded scans were not found: sub/b.nii.gz, sub/c.nii"
    let plan = try scratch.medfilter("plan", "job.json")
    plan.expect(status: 0)
    #expect(plan.stderr.contains("warning: job.json: \(sentence)"), "\(plan)")
    #expect(try self.plan(scratch).findings.map(\.code) == ["inputs-missing"])
    for style in ["plain", "none", "bar"] {
      let run = try scratch.medfilter("run", "job.json", "--progress", style)
      run.expect(status: 0)
      #expect(run.stderr.contains(sentence), "\(run)")
    }
    #expect(scratch.text("out/summary.json").contains(sentence))
    let starts = try scratch.records().filter { $0["type"] as? String == "run_start" }
    #expect(starts.map { ($0["findings"] as? [Any])?.isEmpty == false } == [false, true, true, true])
    // Not those that the job no longer asks for.
    var job = TestJob()
    job.input = #"{"root": "in", "exclude": ["sub/b*"]}"#
    try scratch.write(job)
    #expect(try scratch.medfilter("run", "job.json").stderr.contains("1 of 2 recorded scans was not found: sub/c.nii"))
    // Nor those that were withdrawn.
    let log = "out/provenance.jsonl"
    try scratch.medfilter("retire", log, "sub/c.nii", "--reason", "consent withdrawn").require(status: 0)
    let retired = try scratch.medfilter("run", "job.json")
    #expect(!retired.stderr.contains("recorded scan"), "\(retired.stderr)")
  }

  @Test func `where no scan is left, the log is asked whether there were some`() throws {
    let scratch = try finished()
    try scratch.move("in", to: "away")
    try scratch.write(Array("unmounted".utf8), to: "in/README")
    for command in ["plan", "run"] {
      let outcome = try scratch.medfilter(command, "job.json")
      outcome.expect(status: 66)
      #expect(outcome.stderr.contains("the log records 3 of this job: is the archive mounted?"), "\(outcome)")
    }
  }

  @Test func `a plan says where a run would not start`() throws {
    let scratch = try finished()
    var log = try #require(scratch.bytes("out/provenance.jsonl"))
    log[log.count / 2] ^= 1
    try scratch.write(log, to: "out/provenance.jsonl")
    let plan = try scratch.medfilter("plan", "job.json")
    let run = try scratch.medfilter("run", "job.json")
    plan.expect(status: 74)
    run.expect(status: 74)
    #expect(plan.stderr.contains("the log of the output root cannot be used"))
    let linked = try Scratch.threeScans()
    try linked.write([], to: "elsewhere/file")
    try linked.link("out", to: "elsewhere")
    try linked.medfilter("plan", "job.json").expect(status: 73)
    try linked.medfilter("run", "job.json").expect(status: 73)
  }
}
