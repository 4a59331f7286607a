import Foundation
import Testing

/// Weights that are too many for a line of the log.
@Suite struct LargeKernelTests {
  private static let log = "out/provenance.jsonl"

  /// 40 × 40 × 40 weights of 17 digits, 1.3 MB of JSON.
  private func finished() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(8, 7, 6), to: "in/a.nii")
    let values = (0..<40).map { i in 1 + (Double(i) * 0.7).truncatingRemainder(dividingBy: 1) / 3 }
    let weights = values.map { k in
      "["
        + values.map { j in "[" + values.map { i in "\(i * j * k + i)" }.joined(separator: ",") + "]" }.joined(
          separator: ",") + "]"
    }
    var job = TestJob()
    job.filters =
      #"[{"filter": "kernel", "mode": "correlate", "method": "dense", "normalise": "sum", "weights": [\#(weights.joined(separator: ","))]}]"#
    try scratch.write(job)
    let plan = try scratch.medfilter("plan", "job.json")
    let run = try scratch.medfilter("run", "job.json")
    try plan.require(status: 0)
    try run.require(status: 0)
    return scratch
  }

  private func parts(_ scratch: Scratch) -> [String] { scratch.listing("out").filter { $0.hasPrefix("record-") } }

  @Test func `plan and run agree, and the weights lie in files that the log knows by digest`() throws {
    let scratch = try finished()
    #expect(parts(scratch).count == 2)
    for line in scratch.text(Self.log).split(separator: "\n") { #expect(line.utf8.count < 1 << 20) }
    let start = try #require(scratch.records().first { $0["type"] as? String == "run_start" })
    let resolved = try #require(start["resolved"] as? [String: Any])
    #expect(parts(scratch).contains(try #require(resolved["in_file"] as? String)))
    try scratch.medfilter("verify", Self.log).expect(status: 0)
    let replayed = try scratch.medfilter("replay", Self.log, "--inputs", "in")
    replayed.expect(status: 0)
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("1 up to date"), "\(again)")
    #expect(parts(scratch).count == 2)

    for part in parts(scratch) {
      let bytes = try #require(scratch.bytes("out/\(part)"))
      try scratch.write(bytes.dropLast() + [UInt8(ascii: " ")], to: "out/\(part)")
      let changed = try scratch.medfilter("verify", Self.log, "--no-outputs")
      changed.expect(status: 65)
      #expect(changed.stderr.contains("record-file-changed"), "\(changed)")
      try scratch.medfilter("replay", Self.log, "--inputs", "in").expect(status: 65)
      try scratch.remove("out/\(part)")
      let missing = try scratch.medfilter("verify", Self.log)
      missing.expect(status: 65)
      #expect(missing.stderr.contains("record-file-missing"), "\(missing)")
      try scratch.write(bytes, to: "out/\(part)")
    }
    // A run with the same job writes again what is gone.
    for part in parts(scratch) { try scratch.remove("out/\(part)") }
    try scratch.medfilter("run", "job.json", "--force").expect(status: 0)
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }
}
