import Testing

@Suite(.disabled(if: Instruments.takeMemory, "most of the memory is the sanitizer's")) struct MemoryTests {
  /// Small and large scans, alone and in a series.
  @Test(arguments: ["nii", "nii.gz", "nii.zst"], [[16, 16, 16], [160, 160, 120], [64, 64, 32, 60]])
  func `a plan needs what a run takes, within a quarter`(format: String, dims: [Int]) throws {
    let scratch = try Scratch()
    let voxels = (0..<dims.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    try scratch.write(TinyScan(dims: dims, type: .uint8, values: []).header + voxels, to: "in/a.nii")
    var job = TestJob()
    job.format = format
    job.threads = 4
    try scratch.write(job)
    let plan = try scratch.medfilter("plan", "job.json", "--json").stdout
    let need = try #require(plan.firstMatch(of: /"memory_bytes":(\d+),"temporary/).flatMap { Double($0.1) })
    let outcome = try scratch.start(["run", "job.json"]).finishWatched()
    try outcome.require(status: 0)
    let truth = Double(outcome.peak) * 1024
    #expect(need <= 1.25 * truth && truth <= 1.25 * need, "\(need) \(truth)")
  }

  /// One of each kind of operation, alone on a volume and on a series.
  @Test(
    arguments: [
      #"{"filter": "median", "size_vox": 5}"#, #"{"filter": "minimum", "size_vox": 3, "mask": "m.nii"}"#,
      #"{"filter": "add", "file": "m.nii"}"#, #"{"filter": "mask", "file": "{root}/../m.nii"}"#,
      #"{"filter": "reduce", "axis": "k", "statistic": "mean"}"#,
      #"{"filter": "reduce", "axis": "t", "statistic": "std"}"#,
      #"{"filter": "reduce", "axis": "t", "statistic": "median"}"#, #"{"filter": "otsu"}"#,
      #"{"filter": "threshold", "lower_percent": 10, "over": "frame"}"#,
      #"{"filter": "crop", "from_vox": 8, "size_vox": [96, 96, 64]}"#,
      #"{"filter": "gaussian", "sigma_vox": 1}, {"filter": "save", "name": "{stem}_s"}, {"filter": "otsu", "over": "frame"}"#,
    ], [[144, 128, 96], [144, 128, 96, 5]])
  func `a plan needs what an operation takes, within a quarter`(filters: String, dims: [Int]) throws {
    let scratch = try Scratch()
    let voxels = (0..<dims.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    try scratch.write(TinyScan(dims: dims, type: .uint8, values: []).header + voxels, to: "in/a.nii")
    let mask = TinyScan(dims: [144, 128, 96], type: .uint8, values: [])
    try scratch.write(mask.header + voxels.prefix(144 * 128 * 96), to: "m.nii")
    var job = TestJob(filters: "[\(filters)]")
    job.threads = 4
    try scratch.write(job)
    let plan = try scratch.medfilter("plan", "job.json", "--json").stdout
    let need = try #require(plan.firstMatch(of: /"memory_bytes":(\d+),"temporary/).flatMap { Double($0.1) }, "\(plan)")
    let outcome = try scratch.start(["run", "job.json"]).finishWatched()
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let truth = Double(outcome.peak) * 1024
    #expect(need <= 1.25 * truth && truth <= 1.25 * need, "\(need) planned, \(truth) taken")
  }

  @Test(arguments: ["nii", "nii.gz"])
  func `a series of 480 frames takes no more memory than one of 160`(format: String) throws {
    // 160 frames fill all buffers: batches of chunks, parts ahead, and the pieces that are read back.
    let peaks = try [160, 480].map { frames in
      let scratch = try Scratch()
      let header = TinyScan(dims: [48, 48, 24, frames], type: .uint8, values: []).header
      let voxels = (0..<48 * 48 * 24 * frames).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      try scratch.write(header + voxels, to: "in/a.nii")
      var job = TestJob()
      job.format = format
      try scratch.write(job)
      let outcome = try scratch.start(["run", "job.json"]).finishWatched()
      try outcome.require(status: 0)
      return outcome.peak
    }
    #expect(peaks[0] > 0)
    #expect(Double(peaks[1]) <= 1.1 * Double(peaks[0]), "\(peaks) KiB")
  }
}
