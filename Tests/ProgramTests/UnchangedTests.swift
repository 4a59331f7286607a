import Foundation
import Testing

/// `"unchanged": "stat"`: what looks as the log recorded is not read again.
@Suite struct UnchangedTests {
  private func scratch(_ unchanged: String, names: String = "relative") throws -> Scratch {
    let scratch = try Scratch.threeScans { $0.policy = #"{"unchanged": "\#(unchanged)", "names": "\#(names)"}"# }
    try scratch.write(Array("0123456789abcdef".utf8), to: "names.key", mode: 0o600)
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("names.key")
    // Older than the clock's ticks.
    usleep(300_000)
    let outcome = try scratch.medfilter("run", "job.json")
    try outcome.require(status: 0)
    return scratch
  }

  private func expectUpToDate(_ scratch: Scratch, _ options: String...) throws {
    let outcome = try scratch.start(["run", "job.json"] + options).finish()
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("3 up to date"), "\(outcome)")
  }

  /// What the log says of each file: the inputs', then the output's.
  private func recordedStats(_ scratch: Scratch) throws -> [[Any]] {
    try scratch.records().compactMap { $0["stat"] as? [String: Any] }.map { stat in
      (stat["in"] as? [Any] ?? []) + [stat["out"] ?? NSNull()]
    }
  }

  /// Changes a file and puts its modification time back; size and inode stay, and the ctime alone tells.
  private func overwrite(_ scratch: Scratch, _ name: String) throws {
    let place = scratch.place(name)
    let modified = try FileManager.default.attributesOfItem(atPath: place)[.modificationDate] as? Date
    var bytes = try #require(scratch.bytes(name))
    bytes[bytes.count - 1] ^= 1
    try scratch.write(bytes, to: name)
    try FileManager.default.setAttributes([.modificationDate: modified as Any], ofItemAtPath: place)
  }

  @Test(arguments: ["relative", "hmac"])
  func `the log holds how every file looked, hidden where names are`(names: String) throws {
    let scratch = try scratch("stat", names: names)
    let stats = try recordedStats(scratch)
    #expect(stats.count == 3 && stats.allSatisfy { $0.count == 2 })
    for look in stats.joined() {
      if names == "hmac" {
        // Not as a name is hidden: it leads to none.
        let hash = try #require(look as? String)
        #expect(hash.count == 32 && hash.allSatisfy(\.isHexDigit))
      } else {
        let numbers = try #require(look as? [String: Int])
        #expect(Set(numbers.keys) == ["bytes", "mtime_s", "mtime_ns", "ctime_s", "ctime_ns", "inode"])
      }
    }
    guard names == "relative" else { return }
    let facts = try FileManager.default.attributesOfItem(atPath: scratch.place("out/a.nii"))
    let look = try #require(stats[0][1] as? [String: Int])
    #expect(look["bytes"] == facts[.size] as? Int && look["inode"] == facts[.systemFileNumber] as? Int)
  }

  @Test(arguments: ["relative", "hmac"])
  func `a change is seen by its times, and the file read then`(names: String) throws {
    let scratch = try scratch("stat", names: names)
    try expectUpToDate(scratch)
    try overwrite(scratch, "in/a.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done, 2 up to date"), "\(outcome)")
    try overwrite(scratch, "out/sub/c.nii")
    #expect(try scratch.medfilter("run", "job.json").stderr.contains("E_OUT_EXISTS"))
  }

  @Test func `what only looks otherwise is read once, and known from then on`() throws {
    let scratch = try scratch("stat")
    let now = Date()
    try FileManager.default.setAttributes([.modificationDate: now], ofItemAtPath: scratch.place("in/a.nii"))
    usleep(300_000)
    try expectUpToDate(scratch)
    let lines = try scratch.records().filter { $0["type"] as? String == "unchanged" }
    #expect(lines.map { $0["scan"] as? String } == ["a.nii"])
    try expectUpToDate(scratch)
    #expect(try scratch.records().count { $0["type"] as? String == "unchanged" } == 1)
    try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in").expect(status: 0)
  }

  @Test func `a log without times is read once, and known from then on`() throws {
    let scratch = try EarlierTreesTests.copy()
    let text = scratch.text("jobs/nii.json")
    try scratch.write(
      Array(text.replacing("\"policy\": {}", with: "\"policy\": {\"unchanged\": \"stat\"}").utf8), to: "jobs/nii.json")
    usleep(300_000)
    for recorded in [2, 2] {
      let outcome = try scratch.medfilter("run", "jobs/nii.json")
      outcome.expect(status: 0)
      #expect(outcome.stderr.contains("nothing to do"), "\(outcome)")
      let lines = try scratch.records("out/nii").count { $0["type"] as? String == "unchanged" }
      #expect(lines >= recorded)
    }
    let lines = try scratch.records("out/nii").count { $0["type"] as? String == "unchanged" }
    try scratch.medfilter("run", "jobs/nii.json")
    #expect(try scratch.records("out/nii").count { $0["type"] as? String == "unchanged" } == lines)
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")), arguments: ["content", "stat"])
  func `by stat no output is read and of an input only its header, by content all of both`(unchanged: String) throws {
    let scratch = try Scratch()
    try scratch.write(.noise(64, 64, 40), to: "in/large.nii")
    var job = TestJob()
    job.policy = #"{"unchanged": "\#(unchanged)"}"#
    try scratch.write(job)
    usleep(300_000)
    try scratch.medfilter("run", "job.json").require(status: 0)
    for options in [[], ["--verify-all"]] {
      let trace = ["/usr/bin/strace", "-f", "-y", "-o", scratch.place("trace"), "-e", "trace=read,pread64"]
      let outcome = try scratch.start(["run", "job.json"] + options, under: trace).finish()
      #expect(outcome.stderr.contains("1 up to date"), "\(outcome)")
      let isTrusted = unchanged == "stat" && options.isEmpty
      #expect((bytesRead(scratch, "out/large.nii") == 0) == isTrusted)
      #expect((bytesRead(scratch, "in/large.nii") < 200_000) == isTrusted)
    }
  }

  private func bytesRead(_ scratch: Scratch, _ name: String) -> Int {
    let lines = scratch.text("trace").split(separator: "\n").filter { $0.contains("/\(name)>") }
    return lines.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
  }

  @Test func `verify-all reads everything`() throws {
    let scratch = try scratch("stat")
    let plan = try scratch.medfilter("plan", "job.json").stdout
    #expect(plan.contains("6 files by size and times; --verify-all reads every file"), "\(plan)")
    let all = try scratch.medfilter("plan", "job.json", "--verify-all").stdout
    #expect(all.contains("6 files by content") && !all.contains("--verify-all"), "\(all)")
    try expectUpToDate(scratch, "--verify-all")
  }
}
