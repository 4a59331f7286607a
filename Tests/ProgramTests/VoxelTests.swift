import Testing

/// What becomes of voxels: types, clipping, non-finite values.
@Suite struct VoxelTests {
  /// Runs `filters` over one scan and gives the output.
  private func filtered(
    _ scan: TinyScan, _ filters: String, type: String, policy: String = "{}"
  ) throws -> (scratch: Scratch, outcome: Outcome, output: TinyScan?) {
    let scratch = try Scratch()
    try scratch.write(scan, to: "in/a.nii")
    var job = TestJob()
    job.filters = filters
    job.output = #", "voxel_type": "\#(type)""#
    job.policy = policy
    try scratch.write(job)
    let outcome = try scratch.medfilter("run", "job.json")
    return (scratch, outcome, scratch.scan("out/a.nii"))
  }

  @Test(arguments: [
    ("uint8", [0.0, 0, 0, 2, 255, 255], 4), ("int16", [-1000.0, -1, 0, 2, 300, 32767], 1),
    ("uint16", [0.0, 0, 0, 2, 300, 65535], 3), ("int32", [-1000.0, -1, 0, 2, 300, 100_000], 0),
    ("float32", [-1000.0, -1, 0.5, 1.5, 300, 100_000], 0), ("float64", [-1000.0, -1, 0.5, 1.5, 300, 100_000], 0),
  ])
  func `values are rounded half to even, clipped to the type, and the clipped ones counted`(
    type: String, stored: [Double], clipped: Int
  ) throws {
    let scan = TinyScan(dims: [6, 1, 1], type: .float32, values: [-1000, -1, 0.5, 1.5, 300, 100_000])
    let (scratch, outcome, output) = try filtered(scan, #"[{"filter": "scale", "slope": 1}]"#, type: type)
    outcome.expect(status: 0)
    #expect(output?.values == stored)
    #expect(outcome.stderr.contains("\(clipped) voxels clipped") == (clipped > 0), "\(outcome)")
    let record = try #require(scratch.records().first { $0["type"] as? String == "output" })
    #expect(record["clipped"] as? Int == clipped)
    #expect(record["out_voxel_type"] as? String == type)
  }

  @Test func `the same type keeps slope and intercept, and physical values`() throws {
    var scan = TinyScan(dims: [4, 1, 1], type: .int16, values: [0, 100, 200, 300])
    scan.slope = 0.5
    scan.intercept = -10
    let (_, outcome, output) = try filtered(scan, #"[{"filter": "scale", "slope": 2}]"#, type: "same")
    outcome.expect(status: 0)
    let result = try #require(output)
    #expect(result.type == .int16 && result.slope == 0.5 && result.intercept == -10)
    // Physical −10, 40, 90, 140 doubled; stored (x + 10) / 0.5.
    #expect(result.values == [-20, 180, 380, 580])
  }

  private static let holed = TinyScan(
    dims: [7, 1, 1], type: .float32, values: [3, 3, 3, .nan, 3, .infinity, 3])
  private static let box = #"[{"filter": "box", "size_vox": [3, 1, 1], "boundary": "nearest"}]"#

  @Test func `NaN refuses the scan by default`() throws {
    let (scratch, outcome, output) = try filtered(Self.holed, Self.box, type: "float32")
    outcome.expect(status: 3)
    #expect(output == nil)
    #expect(outcome.stderr.contains("E_NONFINITE: voxels: expected finite values, found 2"), "\(outcome)")
    #expect(scratch.temporaryFiles == [])
  }

  @Test func `NaN spreads over the kernel's support and no further`() throws {
    let (_, outcome, output) = try filtered(
      Self.holed, Self.box, type: "float32", policy: #"{"nonfinite": "propagate"}"#)
    outcome.expect(status: 0)
    let values = try #require(output).values
    #expect(values.map(\.isNaN) == [false, false, true, true, true, false, false])
    #expect(values[5] == .infinity && values[6] == .infinity)
    #expect(abs(values[0] - 3) < 1e-6 && abs(values[1] - 3) < 1e-6)
  }

  @Test func `NaN that is ignored leaves a constant constant`() throws {
    let (_, outcome, output) = try filtered(Self.holed, Self.box, type: "float32", policy: #"{"nonfinite": "ignore"}"#)
    outcome.expect(status: 0)
    #expect(try #require(output).values.allSatisfy { abs($0 - 3) < 1e-6 })
  }

  @Test func `NaN can be made zero first`() throws {
    let (scratch, outcome, output) = try filtered(
      Self.holed, Self.box, type: "float32", policy: #"{"nonfinite": "zero"}"#)
    outcome.expect(status: 0)
    let expected: [Double] = [3, 3, 2, 2, 1, 2, 2]
    #expect(zip(try #require(output).values, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let record = try #require(scratch.records().first { $0["type"] as? String == "output" })
    #expect(record["non_finite_in"] as? Int == 2 && record["non_finite_out"] as? Int == 0)
  }

  @Test func `a mask keeps the filter inside`() throws {
    let scratch = try Scratch()
    try scratch.write(TinyScan(dims: [6, 1, 1], type: .float32, values: [1, 1, 1, 9, 9, 9]), to: "in/a.nii")
    try scratch.write(TinyScan(dims: [6, 1, 1], type: .uint8, values: [1, 1, 1, 0, 0, 0]), to: "mask.nii")
    var job = TestJob()
    job.filters = #"[{"filter": "box", "size_vox": [3, 1, 1], "mask": "mask.nii", "mask_outside": "zero"}]"#
    try scratch.write(job)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(scratch.scan("out/a.nii")?.values == [1, 1, 1, 0, 0, 0])
  }

  @Test func `a mask on another grid refuses the scan`() throws {
    let scratch = try Scratch.threeScans { $0.filters = #"[{"filter": "mask", "file": "mask.nii"}]"# }
    try scratch.write(.noise(8, 7, 6), to: "mask.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("sub/c.nii: failed: E_GRID_MISMATCH"), "\(outcome)")
    #expect(scratch.outputs() == ["a.nii", "sub/b.nii"])
  }

  @Test func `a mask that lies elsewhere refuses the scan, and says how far away`() throws {
    for (offset, isNear) in [(0.0009, true), (0.0625, false)] as [(Float, Bool)] {
      let scratch = try Scratch()
      var scan = TinyScan.noise(6, 5, 4)
      scan.position = [-10, 20, 30]
      try scratch.write(scan, to: "in/a.nii")
      var mask = TinyScan(dims: [6, 5, 4], type: .uint8, values: Array(repeating: 1, count: 120))
      mask.position = [-10 + offset, 20, 30]
      try scratch.write(mask, to: "mask.nii")
      var job = TestJob()
      job.filters = #"[{"filter": "box", "size_vox": 3, "mask": "mask.nii"}]"#
      try scratch.write(job)
      let outcome = try scratch.medfilter("run", "job.json")
      outcome.expect(status: isNear ? 0 : 3)
      #expect(isNear || outcome.stderr.contains("found a difference of 0.0625 mm"), "\(outcome)")
    }
  }
}
