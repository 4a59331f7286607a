import Foundation
import Testing

/// Operations that see more than a voxel's neighbours, bring scans of their own, or leave several outputs.
@Suite struct OperationTests {
  private func scratch(_ filters: String, _ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    try Scratch.threeScans {
      $0.filters = filters
      change(&$0)
    }
  }

  @discardableResult
  private func run(_ scratch: Scratch, expecting status: Int32 = 0, _ options: String...) throws -> Outcome {
    let outcome = try scratch.start(["run", "job.json"] + options).finish()
    #expect(outcome.status == status, "\(outcome.stderr)\n\(scratch.listing())")
    return outcome
  }

  // MARK: - Several outputs

  private static let saving =
    #"[{"filter": "scale", "slope": 2}, {"filter": "save", "name": "{stem}_twice"}, {"filter": "scale", "slope": 5}]"#

  @Test func `save publishes what stands at its place, and all outputs are recorded`() throws {
    let scratch = try scratch(Self.saving)
    try run(scratch)
    for (scan, output) in [("a", "a"), ("sub/b", "sub/b")] {
      let (twice, tenfold) = (try #require(scratch.scan("out/\(output)_twice.nii")), scratch.scan("out/\(output).nii"))
      #expect(tenfold?.values == twice.values.map { $0 * 5 }, "\(scan)")
    }
    let records = try scratch.records()
    #expect(records.count { $0["type"] as? String == "output" } == 6)
    // Announced together, before any has its name.
    let types = records.compactMap { $0["type"] as? String }.filter { $0 == "prepared" || $0 == "output" }
    #expect(types.prefix(2) == ["prepared", "prepared"])
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in", "--decode")
    #expect(verified.status == 0, "\(verified.stdout)\(verified.stderr)")
    let replayed = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    #expect(replayed.status == 0, "\(replayed.stdout)\(replayed.stderr)")
  }

  @Test func `an output that is lost is made again, and the others of its scan stay`() throws {
    let scratch = try scratch(Self.saving)
    try run(scratch)
    let before = try scratch.records().count
    try scratch.remove("out/a_twice.nii")
    try run(scratch)
    let made = try scratch.records().dropFirst(before).filter { $0["type"] as? String == "output" }
    #expect(made.compactMap { ($0["out"] as? [String: Any])?["name"] as? String } == ["a_twice.nii"])
    try run(scratch)
    #expect(try scratch.summary("up_to_date") == 3)
  }

  @Test func `outputs that would meet fail their scans`() throws {
    let scratch = try scratch(#"[{"filter": "scale", "slope": 2}, {"filter": "save", "name": "{stem}"}]"#)
    let outcome = try run(scratch, expecting: 3)
    #expect(outcome.stderr.contains("E_OUT_CLASH") && outcome.stderr.contains("twice"), "\(outcome.stderr)")
  }

  // MARK: - Second scans

  private static let masked =
    #"[{"filter": "median", "size_vox": 3, "mask": "{root}/{dir}/{stem}_mask.nii", "mask_outside": "zero"}]"#

  /// Masks for two of the three scans; they are no inputs themselves.
  private func masked() throws -> Scratch {
    let scratch = try scratch(Self.masked) { $0.input = #"{"root": "in", "exclude": ["**/*_mask.nii"]}"# }
    let half = TinyScan(dims: [8, 7, 6], type: .uint8, values: (0..<336).map { Double($0 / 3 % 2) })
    try scratch.write(half, to: "in/a_mask.nii")
    try scratch.write(half, to: "in/sub/b_mask.nii")
    return scratch
  }

  @Test func `a mask that is missing fails its scan alone`() throws {
    let scratch = try masked()
    let outcome = try run(scratch, expecting: 3)
    #expect(try scratch.summary("done") == 2 && scratch.summary("failed") == 1, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("cannot open the mask: no such file"), "\(outcome.stderr)")
    let output = try #require(scratch.scan("out/a.nii"))
    #expect(zip(output.values, 0...).allSatisfy { value, voxel in voxel / 3 % 2 == 1 || value == 0 })
  }

  @Test func `a mask that has changed makes its output out of date, and no other`() throws {
    let scratch = try masked()
    try run(scratch, expecting: 3)
    try scratch.write(
      TinyScan(dims: [8, 7, 6], type: .uint8, values: Array(repeating: 1, count: 336)), to: "in/a_mask.nii")
    try run(scratch, expecting: 3)
    #expect(try scratch.summary("done") == 1 && scratch.summary("up_to_date") == 1)
    let roles = try scratch.records().compactMap { $0["in"] as? [[String: Any]] }.flatMap { $0 }
    #expect(Set(roles.compactMap { $0["role"] as? String }) == ["image", "mask"])
    try scratch.write(
      TinyScan(dims: [8, 7, 5], type: .uint8, values: Array(repeating: 1, count: 280)), to: "in/a_mask.nii")
    let outcome = try run(scratch, expecting: 3)
    #expect(outcome.stderr.contains("E_GRID_MISMATCH"), "\(outcome.stderr)")
    #expect(scratch.scan("out/a.nii") != nil, "the earlier output was lost")
  }

  @Test func `an unknown placeholder is an error of the job, at its key`() throws {
    let scratch = try scratch(#"[{"filter": "add", "file": "{root}/{stm}.nii"}]"#)
    let outcome = try run(scratch, expecting: 64)
    #expect(
      outcome.stderr.contains(#"filters[0].file: unknown placeholder {stm}; did you mean "stem"?"#), "\(outcome.stderr)"
    )
  }

  @Test func `an operand of one frame serves a series, one of as many goes frame by frame`() throws {
    let scratch = try Scratch()
    try scratch.write(.noise(5, 4, 3, 4, seed: 1), to: "in/a.nii")
    let (one, four) = (TinyScan.noise(5, 4, 3, seed: 2), TinyScan.noise(5, 4, 3, 4, seed: 3))
    try scratch.write(one, to: "one.nii")
    try scratch.write(four, to: "four.nii")
    for (file, others) in [("one.nii", one.values + one.values + one.values + one.values), ("four.nii", four.values)] {
      var job = TestJob(filters: #"[{"filter": "subtract", "file": "\#(file)"}]"#)
      job.outputRoot = "out-\(file)"
      try scratch.write(job)
      try run(scratch)
      let expected = zip(TinyScan.noise(5, 4, 3, 4, seed: 1).values, others).map { $0 - $1 }
      #expect(scratch.scan("out-\(file)/a.nii")?.values == expected, "\(file)")
    }
    try scratch.write(.noise(5, 4, 3, 3), to: "three.nii")
    try scratch.write(TestJob(filters: #"[{"filter": "add", "file": "three.nii"}]"#))
    let outcome = try run(scratch, expecting: 3)
    #expect(outcome.stderr.contains("operand frames"), "\(outcome.stderr)")
  }

  // MARK: - Series

  /// A series that does not fit lies in a file meanwhile; nobody can tell from the output.
  @Test(arguments: [
    #"[{"filter": "reduce", "axis": "t", "statistic": "median"}]"#,
    #"[{"filter": "gaussian", "sigma_vox": 1}, {"filter": "reduce", "axis": "t", "statistic": "percentile", "percent": 90}, {"filter": "median", "size_vox": 3}]"#,
    #"[{"filter": "threshold", "lower_percent": 20}]"#, #"[{"filter": "otsu"}]"#,
  ])
  func `a series gives the same bytes without the memory to hold it`(filters: String) throws {
    let scratch = try Scratch()
    let dims = [64, 64, 32, 240]
    let voxels = (0..<dims.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
    try scratch.write(TinyScan(dims: dims, type: .uint8, values: []).header + voxels, to: "in/a.nii")
    try scratch.write(TestJob(filters: filters))
    let need = try #require(try planned(scratch))
    try run(scratch)
    let held = try #require(scratch.bytes("out/a.nii"))
    try scratch.remove("out")
    let limit = need * 7 / 10
    let spooled = try #require(try planned(scratch, "--memory", "\(limit)"))
    #expect(spooled <= limit)
    let outcome = try scratch.start(["run", "job.json", "--memory", "\(limit)"]).finishWatched()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(scratch.bytes("out/a.nii") == held)
    if !Instruments.takeMemory {
      let truth = Double(outcome.peak) * 1024
      #expect(truth <= 1.25 * Double(spooled), "\(spooled) planned, \(truth) taken")
    }
    #expect(scratch.listing("out").filter { $0.hasPrefix(".medfilter/") } == [".medfilter/lock"])
  }

  private func planned(_ scratch: Scratch, _ options: String...) throws -> Int? {
    let plan = try scratch.start(["plan", "job.json", "--json"] + options).finish()
    return plan.stdout.firstMatch(of: /"memory_bytes":(\d+),"temporary/).flatMap { Int($0.1) }
  }

  @Test func `a threshold that was chosen stands in the record`() throws {
    let scratch = try Scratch()
    // Two clusters of values. The threshold is the middle of the bin that the lower one ends in.
    var values: [Double] = []
    for voxel in 0..<60 { values += [Double(5 + voxel % 6), Double(90 + voxel % 10)] }
    try scratch.write(TinyScan(dims: [6, 5, 4], values: values), to: "in/a.nii")
    try scratch.write(TestJob(filters: #"[{"filter": "otsu"}]"#))
    try run(scratch)
    let output = try #require(try scratch.records().first { $0["type"] as? String == "output" })
    let chosen = try #require((output["chosen"] as? [[String: Any]])?.first)
    let threshold = try #require(chosen["value"] as? Double)
    #expect(chosen["filter"] as? String == "otsu" && abs(threshold - 10) <= 94.0 / 256)
    let expected: [Double] = values.map { $0 > threshold ? 1 : 0 }
    #expect(scratch.scan("out/a.nii")?.values == expected)
  }

  // MARK: - Grids

  @Test func `a box keeps its place in the world, and later filters see the new grid`() throws {
    let scratch = try Scratch()
    var scan = TinyScan.noise(6, 5, 4)
    scan.spacing = [2, 3, 4]
    scan.position = [10, 20, 30]
    try scratch.write(scan, to: "in/a.nii")
    try scratch.write(
      TestJob(
        filters:
          #"[{"filter": "crop", "from_vox": [1, 2, 0], "size_vox": [4, 3, 2]}, {"filter": "reduce", "axis": "k", "statistic": "max"}]"#
      ))
    try run(scratch)
    let output = try #require(scratch.scan("out/a.nii"))
    func voxel(_ i: Int, _ j: Int, _ k: Int) -> Double { scan.values[(k * 5 + j) * 6 + i] }
    let expected = (0..<12).map { max(voxel($0 % 4 + 1, $0 / 4 + 2, 0), voxel($0 % 4 + 1, $0 / 4 + 2, 1)) }
    #expect(output.values == expected && output.dims == [4, 3, 1])
    #expect(output.spacing == [2, 3, 8])
    let replayed = try scratch.medfilter("replay", "out/provenance.jsonl", "--inputs", "in")
    #expect(replayed.status == 0, "\(replayed.stdout)\(replayed.stderr)")
    try scratch.write(TestJob(filters: #"[{"filter": "crop", "from_vox": [5, 0, 0], "size_vox": 2}]"#), to: "far.json")
    let far = try scratch.medfilter("run", "far.json")
    #expect(far.status == 3 && far.stderr.contains("crop"), "\(far.stderr)")
  }
}
