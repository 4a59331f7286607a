import Foundation
import Testing

@Suite struct TimingsTests {
  @Test func `timings are printed stage by stage, and recorded in the log and the summary`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--timings", "--progress", "none")
    outcome.expect(status: 0)
    let rows = outcome.stdout.split(separator: "\n").map { $0.split(separator: " ").first.map(String.init) ?? "" }
    #expect(rows == ["stage", "read", "filter", "write", "publish"])
    #expect(outcome.stdout.contains("of the roofline"))
    let recorded = try #require(scratch.records().last?["timings"] as? [String: Any])
    let summary = try JSONSerialization.jsonObject(with: Data(scratch.bytes("out/summary.json") ?? []))
    let summarised = try #require((summary as? [String: Any])?["timings"] as? [String: Any])
    #expect(NSDictionary(dictionary: recorded) == NSDictionary(dictionary: summarised))
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `the stages and the roofline fit the scans`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--timings", "--json")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    let timings = try #require(document?["timings"] as? [String: Any])
    let seconds = try #require(timings["seconds"] as? [String: Double])
    let scans = try #require(document?["scans"] as? [[String: Any]])
    for (stage, total) in seconds {
      let each = scans.compactMap { ($0["seconds"] as? [String: Double])?[stage] }
      // Each is rounded to the microsecond.
      #expect(each.count == 3 && abs(each.reduce(0, +) - total) < 1e-5, "\(stage)")
    }
    #expect(timings["voxels"] as? Int == 2 * 8 * 7 * 6 + 5 * 4 * 3 * 2)
    for member in ["filter_roofline_share", "machine_multiplies_per_second", "machine_bytes_per_second"] {
      #expect(try #require(timings[member] as? Double) > 0)
    }
  }

  @Test func `a run that filtered nothing has no roofline, and one without the option no timings`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json")
    #expect(try scratch.records().last?["timings"] == nil)
    let outcome = try scratch.medfilter("run", "job.json", "--timings")
    outcome.expect(status: 0)
    #expect(outcome.stdout.contains("filter") && !outcome.stdout.contains("roofline"))
  }
}
