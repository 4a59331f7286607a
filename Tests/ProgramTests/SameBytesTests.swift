import Parallel
import Testing

/// What must not change a byte.
@Suite struct SameBytesTests {
  /// - Parameter level: 4 for gzip, because ISA-L's levels below do not promise their bytes; see `GzipSink`.
  private func archive(_ format: String, level: Int = 4) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(37, 29, 23, 2, seed: 5), to: "in/a.nii")
    var job = TestJob()
    job.filters =
      #"[{"filter": "gaussian", "sigma_vox": [1.2, 0.7, 2]}, {"filter": "box", "size_vox": 3, "boundary": "wrap"}]"#
    job.format = format
    job.output = #", "level": \#(level)"#
    try scratch.write(job)
    return scratch
  }

  private func output(_ scratch: Scratch, _ format: String, _ options: [String] = []) throws -> [UInt8] {
    try? scratch.remove("out")
    let outcome = try scratch.start(["run", "job.json"] + options).finish()
    try outcome.require(status: 0)
    return try #require(scratch.bytes("out/a.\(format)"))
  }

  @Test(arguments: ["nii", "nii.gz", "nii.zst"])
  func `any number of threads gives the same file`(format: String) throws {
    let scratch = try archive(format)
    let expected = try output(scratch, format, ["--threads", "1"])
    for threads in [2, 3, 4, 8] {
      #expect(try output(scratch, format, ["--threads", "\(threads)"]) == expected, "\(threads) threads")
    }
  }

  @Test func `any number of threads gives the same voxels at the fastest level`() throws {
    let scratch = try archive("nii.gz", level: 1)
    var digests: Set<String> = []
    for threads in [1, 2, 3, 4, 8] {
      _ = try output(scratch, "nii.gz", ["--threads", "\(threads)"])
      let record = try #require(try scratch.records().first { $0["type"] as? String == "output" })
      let voxels = try #require((record["out"] as? [String: Any])?["voxels"] as? [String: Any])
      digests.insert(try #require(voxels["digest"] as? String))
    }
    #expect(digests.count == 1)
  }

  /// Those that this processor has beside the baseline.
  private static let instructionSets = InstructionSet.available.map(\.name).filter { $0 != "baseline" }

  @Test(.enabled(if: !instructionSets.isEmpty, "this processor has nothing beyond the baseline"))
  func `any instruction set gives the same file`() throws {
    let scratch = try archive("nii")
    scratch.environment["MEDFILTER_ISA"] = "baseline"
    let expected = try output(scratch, "nii")
    for name in Self.instructionSets {
      scratch.environment["MEDFILTER_ISA"] = name
      #expect(try output(scratch, "nii") == expected, "\(name)")
    }
  }

  @Test func `an input's compression does not matter`() throws {
    let scratch = try archive("nii")
    let expected = try output(scratch, "nii")
    let scan = try #require(scratch.scan("in/a.nii"))
    try scratch.remove("in/a.nii")
    try scratch.write(scan, to: "in/a.nii.gz")
    #expect(try output(scratch, "nii") == expected)
  }
}
