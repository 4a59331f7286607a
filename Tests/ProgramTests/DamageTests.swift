import Foundation
import Glibc
import Testing

/// Bad scans among good ones.
@Suite struct DamageTests {
  /// Three good scans, and names that sort before, between and after them with something wrong behind each.
  private func archive(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans(change)
    var damaged = TinyScan.noise(6, 6, 6, seed: 9).gzipped
    damaged[TinyScan.headerBytes + 100] ^= 0x10
    try scratch.write(damaged, to: "in/0-damaged.nii.gz")
    try scratch.write(Array(TinyScan.noise(6, 6, 6).bytes.dropLast()), to: "in/b-short.nii")
    mkfifo(scratch.place("in/sub/bb-fifo.nii"), 0o644)
    try scratch.write(Array("not a scan at all".utf8), to: "in/zz-text.nii")
    return scratch
  }

  private static let bad = ["0-damaged.nii.gz", "b-short.nii", "sub/bb-fifo.nii", "zz-text.nii"]

  @Test func `bad scans are named with their reason, and the others are done`() throws {
    let scratch = try archive()
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("7 scans: 3 done, 4 failed"), "\(outcome)")
    for (name, reason) in zip(Self.bad, ["E_GZ_CRC", "E_TRUNCATED", "E_IN_TYPE", "E_FMT_UNKNOWN"]) {
      #expect(outcome.stderr.contains("\(name): failed: \(reason)"), "\(outcome)")
    }
    #expect(scratch.outputs() == Scratch.threeOutputs)
    #expect(scratch.temporaryFiles == [])
    let failed = try scratch.records().filter { $0["type"] as? String == "scan_failed" }.compactMap {
      $0["scan"] as? String
    }
    #expect(failed.sorted() == Self.bad)
    #expect(try scratch.summary("failed") == 4)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `a bad scan that was mended is all that the next run does`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json")
    for name in Self.bad { try scratch.remove("in/\(name)") }
    try scratch.write(.noise(6, 6, 6), to: "in/b-short.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("4 scans: 1 done, 3 up to date"), "\(outcome)")
  }

  @Test func `fail-fast stops at the first bad scan`() throws {
    let scratch = try archive()
    let outcome = try scratch.medfilter("run", "job.json", "--fail-fast")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("1 failed, 6 not started"), "\(outcome)")
    #expect(scratch.outputs().isEmpty && scratch.temporaryFiles.isEmpty)
    let end = try #require(scratch.records().last)
    #expect(end["type"] as? String == "run_end" && end["ending"] as? String == "fail_fast")
  }

  @Test func `failures are told even when everything else is quiet`() throws {
    let scratch = try archive()
    for style in ["auto", "bar", "plain", "none"] {
      let outcome = try scratch.medfilter("run", "job.json", "--quiet", "--progress", style)
      outcome.expect(status: 3)
      for name in Self.bad { #expect(outcome.stderr.contains(name), "--progress \(style): \(outcome.stderr)") }
      #expect(!outcome.stderr.contains("up to date"))
    }
  }

  @Test func `a scan whose planning says that it cannot be done is told by plan, with the same reason`() throws {
    let scratch = try archive()
    let outcome = try scratch.medfilter("plan", "job.json")
    outcome.expect(status: 3)
    for (name, reason) in [("sub/bb-fifo.nii", "E_IN_TYPE"), ("zz-text.nii", "E_FMT_UNKNOWN")] {
      #expect(outcome.stderr.contains("\(name): \(reason)"), "\(outcome)")
    }
  }

  @Test func `headers that claim more than numbers hold stop nothing`() throws {
    let scratch = try Scratch.threeScans()
    // 2^60 voxels each: alone they fit into 64 bits, together they do not.
    let claim = TinyScan(dims: [1, 1, 1, 32767, 32767, 32767, 32767], type: .uint8, values: [])
    for name in 0..<9 { try scratch.write(claim, to: "in/claim\(name).nii.gz") }
    try scratch.write(TinyScan(dims: [32767, 32767, 32767], type: .int16, values: []), to: "in/large.nii.gz")
    for arguments in [["plan", "job.json"], ["run", "job.json", "--progress", "bar"]] {
      let outcome = try scratch.start(arguments).finish()
      outcome.expect(status: 3)
    }
    #expect(scratch.outputs() == Scratch.threeOutputs)
  }

  @Test func `what stands in the way of one output concerns that scan alone`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([1], to: "out/a.nii/file")
    try scratch.write([1], to: "out/sub")
    try scratch.write(.noise(4, 4, 4), to: "in/z.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("1 done, 3 failed"), "\(outcome)")
    #expect(outcome.stderr.contains("a.nii: failed: E_OUT_EXISTS"))
    #expect(outcome.stderr.contains("sub/b.nii.gz: failed: E_OUT_ESCAPE"))
  }

  @Test func `a pipe in an output's place does not hang the run`() throws {
    let scratch = try Scratch.threeScans { $0.output = #", "on_exists": "replace""# }
    try FileManager.default.createDirectory(atPath: scratch.place("out"), withIntermediateDirectories: true)
    mkfifo(scratch.place("out/a.nii"), 0o644)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("a.nii: failed: E_OUT_EXISTS"), "\(outcome)")
    #expect(scratch.outputs() == Scratch.threeOutputs)
  }

  @Test func `a scan that needs more memory than allowed is refused, and says so`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--memory", "1MiB")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("E_LIMIT_MEM"), "\(outcome)")
    #expect(scratch.outputs().isEmpty)
  }
}
