import Testing

@Suite struct RunTests {
  @Test func `a run writes every output, the log, its head and the summary, and nothing else`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stdout.isEmpty)
    #expect(
      scratch.listing("out") == [
        ".medfilter", ".medfilter/lock", "a.nii", "provenance.head", "provenance.jsonl", "sub", "sub/b.nii",
        "sub/c.nii", "summary.json",
      ])
    #expect(try scratch.summary("done") == 3)
    #expect(outcome.stderr.contains("3 scans: 3 done"))
  }

  @Test func `a box filter gives the mean of each voxel's neighbours`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json")
    let input = TinyScan.noise(8, 7, 6, seed: 1)
    for name in ["a.nii", "sub/b.nii"] {
      let output = try #require(scratch.scan("out/\(name)"))
      #expect(output.dims == [8, 7, 6] && output.type == .float32 && output.slope == 1 && output.spacing == [1, 1, 1])
    }
    let output = try #require(scratch.scan("out/a.nii"))
    for (i, j, k) in [(1, 1, 1), (4, 3, 2), (6, 5, 4)] {
      var sum = 0.0
      for z in k - 1...k + 1 {
        for y in j - 1...j + 1 { for x in i - 1...i + 1 { sum += input.values[(z * 7 + y) * 8 + x] } }
      }
      #expect(abs(output.values[(k * 7 + j) * 8 + i] - sum / 27) < 1e-4)
    }
  }

  @Test func `each frame of a 4-D scan is filtered by itself`() throws {
    let scratch = try Scratch()
    let series = TinyScan.noise(6, 5, 4, 3)
    try scratch.write(series, to: "in/series.nii")
    for frame in 0..<3 {
      let values = Array(series.values[frame * 120..<(frame + 1) * 120])
      try scratch.write(TinyScan(dims: [6, 5, 4], values: values), to: "in/frame\(frame).nii")
    }
    try scratch.write(TestJob())
    try scratch.medfilter("run", "job.json").expect(status: 0)
    let frames = try (0..<3).map { try #require(scratch.scan("out/frame\($0).nii")).values }
    #expect(scratch.scan("out/series.nii")?.values == frames.flatMap { $0 })
  }

  @Test func `inputs stay as they are`() throws {
    let scratch = try Scratch.threeScans()
    let before = scratch.listing("in").map { scratch.bytes("in/\($0)") }
    try scratch.medfilter("run", "job.json")
    #expect(scratch.listing("in").map { scratch.bytes("in/\($0)") } == before)
  }

  @Test(arguments: ["nii", "nii.gz", "nii.zst"])
  func `inspect finds outputs of every format sound`(format: String) throws {
    let scratch = try Scratch.threeScans { $0.format = format }
    try scratch.medfilter("run", "job.json").expect(status: 0)
    let names = scratch.outputs().map { "out/\($0)" }
    #expect(names.count == 3 && names.allSatisfy { $0.hasSuffix("." + format) })
    let outcome = try scratch.start(["inspect"] + names).finish()
    outcome.expect(status: 0)
  }

  @Test func `outputs are named by the template and keep their subfolders`() throws {
    let scratch = try Scratch.threeScans { $0.output = #", "name": "{stem}_desc-smooth""# }
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(scratch.outputs() == ["a_desc-smooth.nii", "sub/b_desc-smooth.nii", "sub/c_desc-smooth.nii"])
  }
}
