import Foundation
import Glibc
import Testing

/// Several scans at a time look from outside like one after the other.
@Suite struct ScansInFlightTests {
  private static let count = 30

  /// Large and small scans in turn, so that later ones are ready before earlier ones, and some that are refused.
  private func archive(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch()
    for number in 0..<Self.count {
      let scan: TinyScan =
        number % 5 == 0 ? .noise(40, 40, 20, 4, seed: UInt64(number)) : .noise(9, 8, 7, seed: UInt64(number))
      let name = "in/s\(number / 10)\(number % 10).nii"
      try scratch.write(number % 7 == 3 ? Array(scan.bytes.dropLast()) : scan.bytes, to: name)
    }
    var job = TestJob()
    change(&job)
    try scratch.write(job)
    return scratch
  }

  /// Type and scan of each record, in order.
  private func story(_ scratch: Scratch) throws -> [String] {
    try scratch.records().map { record in
      let output = (record["out"] as? [String: Any])?["name"] as? String
      return "\(record["type"] ?? "") \(record["scan"] ?? output ?? record["id"] ?? "")"
    }
  }

  /// What `--progress json` tells, without numbers that depend on the clock.
  private func events(_ outcome: Outcome) -> [String] {
    let ofTheClock = ["time", "run", "seconds", "elapsed_s", "voxels_per_second", "seconds_left"]
    return outcome.stderr.split(separator: "\n").compactMap { line in
      guard var event = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return nil }
      for key in ofTheClock { event[key] = nil }
      let told = try? JSONSerialization.data(withJSONObject: event, options: .sortedKeys)
      return told.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  /// What the log tells of scans that are published together: announcements before their group's names, all else behind.
  /// Each kind in its own order is what does not depend on which scans that were.
  private func chapters(_ story: [String]) -> [[String]] {
    [story.filter { $0.hasPrefix("prepared") }, story.filter { !$0.hasPrefix("prepared") && !$0.hasPrefix("kernel") }]
  }

  /// Whether each output was announced before.
  private func isAnnounced(_ story: [String]) -> Bool {
    var announced: Set<Substring> = []
    return story.map { $0.split(separator: " ", maxSplits: 1) }.allSatisfy { words in
      if words[0] == "prepared" { announced.insert(words[1]) }
      return words[0] != "output" || announced.contains(words[1])
    }
  }

  @Test func `log, events and outputs do not depend on how many are in flight`() throws {
    let scratch = try archive()
    var stories: [[[String]]] = []
    var told: [[String]] = []
    var files: [[[UInt8]?]] = []
    for threads in [1, 2, 4, 8] {
      try? scratch.remove("out")
      let outcome = try scratch.medfilter("run", "job.json", "--threads", "\(threads)", "--progress", "json")
      outcome.expect(status: 3)
      let story = try story(scratch)
      #expect(isAnnounced(story))
      stories.append(chapters(story))
      told.append(events(outcome))
      files.append(scratch.outputs().map { scratch.bytes("out/\($0)") })
      #expect(scratch.temporaryFiles == [])
      try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    }
    #expect(stories[0][0].count == Self.count - 4)
    #expect(stories[0][1].filter { $0.hasPrefix("output") }.count == Self.count - 4)
    #expect(Set(stories).count == 1)
    #expect(Set(told).count == 1)
    #expect(Set(files).count == 1)
  }

  @Test func `fail-fast publishes what comes before the failure, and nothing after`() throws {
    let scratch = try archive()
    let outcome = try scratch.medfilter("run", "job.json", "--fail-fast", "--threads", "4")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("3 done, 1 failed, 26 not started"), "\(outcome)")
    #expect(scratch.outputs() == ["s00.nii", "s01.nii", "s02.nii"])
    #expect(scratch.temporaryFiles == [])
  }

  @Test func `memory for one scan at a time is enough for all`() throws {
    let scratch = try archive()
    let plan = try scratch.medfilter("plan", "job.json", "--threads", "4", "--json")
    let document = try JSONSerialization.jsonObject(with: Data(plan.stdout.utf8)) as? [String: Any]
    let needs = (document?["scans"] as? [[String: Any]])?.compactMap { $0["memory_bytes"] as? Int } ?? []
    let most = try #require(needs.max())
    let outcome = try scratch.medfilter("run", "job.json", "--threads", "4", "--memory", "\(most / 1024 + 1)KiB")
    #expect(outcome.stderr.contains("26 done, 4 failed"), "\(outcome)")
  }

  @Test func `a signal ends a run of many lanes with 75, and the next run finishes the job`() throws {
    let scratch = try archive {
      $0.filters =
        "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 12).joined(separator: ",")
        + "]"
    }
    let running = try scratch.start(["run", "job.json", "--progress", "json", "--threads", "4"])
    #expect(running.waitUntilTold(#""outcome":"done""#))
    running.send(SIGTERM)
    let outcome = running.finish()
    outcome.expect(status: 75)
    #expect(scratch.temporaryFiles == [])
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    let done = scratch.outputs().count
    let again = try scratch.medfilter("run", "job.json", "--threads", "4")
    #expect(again.stderr.contains("\(26 - done) done, \(done) up to date, 4 failed"), "\(again)")
  }
}
