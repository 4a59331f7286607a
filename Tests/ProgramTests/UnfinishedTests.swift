import Foundation
import Glibc
import Testing

/// `verify` beside a run, and after one that was cut off: 75, unless something was tampered with.
@Suite struct UnfinishedTests {
  private static let log = "out/provenance.jsonl"

  private func finished() throws -> Scratch {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").require(status: 0)
    return scratch
  }

  private func expect(_ scratch: Scratch, _ status: Int32, _ state: String, _ told: String? = nil) throws {
    let outcome = try scratch.medfilter("verify", Self.log)
    outcome.expect(status: status)
    #expect(outcome.stdout.isEmpty == (status != 0), "\(outcome)")
    if let told { #expect(outcome.stderr.contains(told), "\(outcome.stderr)") }
    let (_, document) = try scratch.verified()
    #expect(document["state"] as? String == state && document["whole"] as? Bool == (status == 0))
    #expect((document["problems"] as? [Any])?.isEmpty == (status != 65))
  }

  private func expectPutRight(_ scratch: Scratch) throws {
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    try expect(scratch, 0, "whole")
  }

  @Test func `beside a run that names one output after the other nothing is taken for damage`() throws {
    let scratch = try Scratch()
    for index in 0..<60 { try scratch.write(.noise(8, 7, 6, seed: UInt64(index)), to: "in/s\(index).nii") }
    for name in ["x", "y"] { try scratch.write(.noise(48, 48, 32, 8, type: .uint8), to: "in/\(name).nii") }
    var job = TestJob()
    job.filters = TestJob.slowFilters
    try scratch.write(job)
    let running = try scratch.start(["run", "job.json", "--progress", "json"])
    #expect(running.waitUntilTold(#""outcome":"done""#))
    var statuses: [Int32] = []
    while kill(running.process, 0) == 0, waitid(P_PID, id_t(running.process), nil, WEXITED | WNOHANG | WNOWAIT) == 0,
      statuses.count < 200
    {
      let outcome = try scratch.medfilter("verify", Self.log)
      statuses.append(outcome.status)
      outcome.expect(statusAmong: [0, 75])
      if running.stderr.contains(#""event":"finished""#) { break }
    }
    running.finish().expect(status: 0)
    #expect(statuses.contains(75))
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }

  @Test func `a run that holds the lock is named, and verify takes no lock`() throws {
    let scratch = try finished()
    let holder = try Holder(of: scratch.place("out/.medfilter/lock"))
    try expect(scratch, 75, "running", "a run is going on")
    try scratch.write([1], to: "out/a.nii")
    try expect(scratch, 65, "damaged", "output-changed")
    withExtendedLifetime(holder) {}
  }

  /// Holds a file's lock as a run does.
  private final class Holder {
    private let descriptor: Int32

    init(of path: String) throws {
      descriptor = open(path, O_RDWR)
      try #require(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    }

    deinit { close(descriptor) }
  }

  @Test func `a killed run is 75 until the job has been run again`() throws {
    let scratch = try finished()
    for name in ["big", "c"] { try scratch.write(.noise(48, 48, 32, 8), to: "in/\(name).nii") }
    var job = TestJob()
    job.filters =
      "[" + Array(repeating: String(TestJob.slowFilters.dropFirst().dropLast()), count: 12).joined(separator: ",") + "]"
    job.output = #", "on_exists": "replace""#
    try scratch.write(job)
    let running = try scratch.start(["run", "job.json", "--progress", "json"])
    #expect(running.waitUntilTold(#""event":"stage""#))
    running.send(SIGKILL)
    running.finish().expect(status: 128 + SIGKILL)
    try expect(scratch, 75, "unfinished", "unfinished: run the job")
    try scratch.write(TestJob())
    try scratch.remove("in/big.nii")
    try scratch.remove("in/c.nii")
    let again = try scratch.medfilter("run", "job.json", "--force")
    again.expect(status: 0)
    try expect(scratch, 0, "whole")
  }

  @Test func `what a death leaves at each place is 75 and put right by the next run`() throws {
    let whole = try finished()
    let count = whole.text(Self.log).split(separator: "\n").count
    // Behind line 1 nothing has begun: the log is whole, and its outputs are strangers.
    for line in 2..<count {
      for tail in [[], Array(#"{"v":1,"seq":9,"prev":"00"#.utf8), [UInt8](repeating: 0, count: 300)] {
        let scratch = try finished()
        try scratch.cutLog(afterLine: line, tail: tail)
        for output in Scratch.threeOutputs where !scratch.text(Self.log).contains("\"name\":\"\(output)\"") {
          try scratch.remove("out/\(output)")
        }
        try expect(scratch, 75, "unfinished", "unfinished: run the job")
        if line % 3 == 0 { try expectPutRight(scratch) }
      }
    }
  }

  @Test func `an announced output is there, or not yet, or is not what was announced`() throws {
    let scratch = try finished()
    let last = try #require(scratch.records().last { $0["type"] as? String == "prepared" }?["out"] as? [String: Any])
    let output = try #require(last["name"] as? String)
    try scratch.cutLog(afterLine: scratch.lastLine(of: "prepared"))
    try expect(scratch, 75, "unfinished")
    try scratch.move("out/\(output)", to: "kept")
    try expect(scratch, 75, "unfinished", "output-announced")
    try scratch.write(.noise(5, 5, 5), to: "out/\(output)")
    try expect(scratch, 65, "damaged", "output-changed: expected \(output)")
    try scratch.remove("out/\(output)")
    try expectPutRight(scratch)
  }

  @Test func `a replaced output may be the old or the new one, and no other`() throws {
    let scratch = try finished()
    let old = try #require(scratch.bytes("out/a.nii"))
    var job = TestJob()
    job.filters = #"[{"filter": "box", "size_vox": 5}]"#
    job.input = #"{"root": "in", "include": ["a.nii"]}"#
    job.output = #", "on_exists": "replace""#
    try scratch.write(job, to: "job.json")
    try scratch.medfilter("run", "job.json").require(status: 0)
    try scratch.cutLog(afterLine: scratch.lastLine(of: "prepared"))
    try expect(scratch, 75, "unfinished")
    let new = try #require(scratch.bytes("out/a.nii"))
    try scratch.write(old, to: "out/a.nii")
    try expect(scratch, 75, "unfinished")
    try scratch.write(new.dropLast() + [new[new.count - 1] ^ 1], to: "out/a.nii")
    try expect(scratch, 65, "damaged", "output-changed")
  }

  @Test func `temporary files are those of a run, lines behind the head too`() throws {
    let scratch = try finished()
    try scratch.write([1, 2, 3], to: "out/sub/.medfilter-0123456789abcdef-0123456789abcdef.tmp")
    try expect(scratch, 75, "unfinished", "temporary-file")
    try scratch.remove("out/sub/.medfilter-0123456789abcdef-0123456789abcdef.tmp")
    try expect(scratch, 0, "whole")
    try scratch.cutLog(afterLine: .max)
    try expect(scratch, 75, "unfinished", "lines-after-head")
    try expectPutRight(scratch)
  }

  @Test func `a log that has no line yet is unfinished, one that lost them is not`() throws {
    let scratch = try Scratch()
    try scratch.write([], to: Self.log)
    try expect(scratch, 75, "unfinished")
    let emptied = try finished()
    try emptied.write([], to: Self.log)
    try expect(emptied, 65, "damaged")
  }

  @Test func `replay of an unfinished log computes what is recorded`() throws {
    let scratch = try finished()
    try scratch.cutLog(afterLine: scratch.lastLine(of: "output"))
    let outcome = try scratch.medfilter("replay", Self.log, "--inputs", "in")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("was cut off"), "\(outcome)")
    #expect(outcome.stdout.contains("3 outputs computed again"))
  }
}
