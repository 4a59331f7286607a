import Foundation
import Testing

/// Scans that do not fit into the memory are filtered slab by slab, and nobody can tell from the outputs.
@Suite struct SlabTests {
  private static let dims = [72, 64, 240]

  private static let gaussian = #"{"filter": "gaussian", "sigma_vox": [1, 1.5, 2]"#

  /// Weights along k that begin far off their centre, so that the filter looks to one side only.
  private static let oneSided =
    #"{"filter": "kernel", "weights": [[[1]],[[2]],[[3]],[[4]],[[2]]], "mode": "correlate", "origin_vox": [0, 0, -2]}"#

  private static let dense =
    #"{"filter": "kernel", "weights": [[[1,2],[3,5]],[[2,1],[7,1]]], "mode": "correlate", "method": "dense"}"#

  private static let chains = [
    "[\(gaussian)}]", "[\(gaussian), \"boundary\": \"mirror\"}]", "[\(gaussian), \"boundary\": \"nearest\"}]",
    "[\(gaussian), \"boundary\": \"constant\", \"value\": 50}]", "[\(gaussian), \"boundary\": \"renormalise\"}]",
    "[\(oneSided)]", "[\(dense)]",
    "[\(gaussian)}, {\"filter\": \"scale\", \"slope\": 2, \"intercept\": 1}, \(oneSided), {\"filter\": \"clamp\", \"lower\": 3}]",
    "[\(gaussian), \"mask\": \"mask.nii\", \"mask_outside\": \"keep\"}, {\"filter\": \"mask\", \"file\": \"mask.nii\"}]",
  ]

  /// A scan of noise, and half a mask for it.
  private func archive(_ filters: String, frames: Int = 1, _ change: (inout TestJob) -> Void = { _ in }) throws
    -> Scratch
  {
    let scratch = try Scratch()
    let scan = TinyScan(dims: Self.dims + (frames > 1 ? [frames] : []), type: .uint8, values: [])
    try scratch.write(
      scan.header + bytes(frames) { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }, to: "in/a.nii")
    let mask = TinyScan(dims: Self.dims, type: .uint8, values: [])
    try scratch.write(mask.header + bytes(1) { UInt8(truncatingIfNeeded: ($0 / 7 + $0 / 5000) % 2) }, to: "mask.nii")
    var job = TestJob()
    job.filters = filters
    change(&job)
    try scratch.write(job)
    return scratch
  }

  private func bytes(_ frames: Int, _ voxel: (Int) -> UInt8) -> [UInt8] {
    let count = Self.dims.reduce(frames) { $0 * $1 }
    return (0..<count).map(voxel)
  }

  /// What the plan says about the only scan.
  private func planned(_ scratch: Scratch, memory: Int? = nil) throws -> [String: Any] {
    let limit = memory.map { ["--memory", "\($0)"] } ?? []
    let outcome = try scratch.start(["plan", "job.json", "--json"] + limit).finish()
    let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    return try #require((document?["scans"] as? [[String: Any]])?.first)
  }

  @Test(arguments: chains)
  func `slabs give the bytes that whole frames give`(filters: String) throws {
    let scratch = try archive(filters)
    var need = try #require(planned(scratch)["memory_bytes"] as? Int)
    try scratch.medfilter("run", "job.json")
    let whole = try #require(scratch.bytes("out/a.nii"))
    var thicknesses = [Self.dims[2]]
    for _ in 1...4 {
      // A byte less than what was needed makes for thinner slabs each time.
      let memory = need - 1
      let plan = try planned(scratch, memory: memory)
      thicknesses.append(try #require(plan["slab_slices"] as? Int, "\(plan)"))
      need = try #require(plan["memory_bytes"] as? Int)
      #expect(need <= memory)
      try scratch.remove("out")
      let outcome = try scratch.start(["run", "job.json", "--memory", "\(memory)"]).finishWatched()
      outcome.expect(status: 0)
      #expect(scratch.bytes("out/a.nii") == whole, "\(plan)")
    }
    #expect(thicknesses == Set(thicknesses).sorted(by: >))
  }

  @Test func `slabs that overlap give the bytes of whole frames`() throws {
    let scratch = try archive(Self.chains[7]) { $0.format = "nii.zst" }
    let large = TinyScan(dims: [128, 128, 170], type: .uint8, values: [])
    let voxels = (0..<128 * 128 * 170).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 9) }
    try scratch.write(large.header + voxels, to: "in/a.nii")
    func run(threads: Int) throws -> (slices: Int?, bytes: [UInt8]?, stages: Int) {
      let plan = try scratch.medfilter("plan", "job.json", "--json", "--threads", "\(threads)").stdout
      let document = try JSONSerialization.jsonObject(with: Data(plan.utf8)) as? [String: Any]
      try? scratch.remove("out")
      let outcome = try scratch.medfilter("run", "job.json", "--threads", "\(threads)", "--progress", "json")
      outcome.expect(status: 0)
      let stages = outcome.stderr.split(separator: "\n").count { $0.contains(#""event":"stage""#) }
      let scan = (document?["scans"] as? [[String: Any]])?.first
      return (scan?["slab_slices"] as? Int, scratch.bytes("out/a.nii.zst"), stages)
    }
    let (whole, slabs) = (try run(threads: 1), try run(threads: 4))
    #expect(whole.slices == nil && slabs.slices != nil)
    #expect(whole.bytes != nil && whole.bytes == slabs.bytes)
    // Whoever watches sees frames, however they are cut: one is read, filtered, written and published.
    #expect(whole.stages == 4 && slabs.stages == 4)
  }

  @Test func `frames of a series are cut alike, compressed or not`() throws {
    let scratch = try archive(Self.chains[7], frames: 2) { $0.format = "nii.zst" }
    let need = try #require(planned(scratch)["memory_bytes"] as? Int)
    try scratch.medfilter("run", "job.json")
    let whole = try #require(scratch.bytes("out/a.nii.zst"))
    try scratch.remove("out")
    let outcome = try scratch.medfilter("run", "job.json", "--memory", "\(need - 3 << 20)")
    outcome.expect(status: 0)
    #expect(scratch.bytes("out/a.nii.zst") == whole)
  }

  @Test func `a plan says that there will be slabs`() throws {
    let scratch = try archive(Self.chains[0])
    let need = try #require(planned(scratch)["memory_bytes"] as? Int)
    #expect(try planned(scratch)["slab_slices"] is NSNull)
    let text = try scratch.medfilter("plan", "job.json", "--memory", "\(need - 1)").stdout
    #expect(text.contains("slices at a time"), "\(text)")
  }

  @Test(arguments: [
    ("[\(gaussian), \"boundary\": \"wrap\"}]", "{}"), ("[\(gaussian)}]", #"{"nonfinite": "ignore"}"#),
  ])
  func `chains that need whole frames are refused with both numbers`(filters: String, policy: String) throws {
    let scratch = try archive(filters) { $0.policy = policy }
    let need = try #require(planned(scratch)["memory_bytes"] as? Int)
    let outcome = try scratch.medfilter("run", "job.json", "--memory", "\(need - 1)")
    outcome.expect(status: 3)
    #expect(
      outcome.stderr.contains("\(need - 1) bytes") && outcome.stderr.contains("\(need) bytes"), "\(outcome)")
  }

  @Test func `memory that is too little for slabs is refused with what they need`() throws {
    let scratch = try archive(Self.chains[0])
    let outcome = try scratch.medfilter("run", "job.json", "--memory", "4MiB")
    outcome.expect(status: 3)
    let needs = try #require(
      scratch.text("out/summary.json").firstMatch(of: /a need of (\d+) bytes/).flatMap { Int($0.1) })
    let plan = try planned(scratch, memory: needs)
    // The thinnest slabs may share a slice more than slabs that are a little thicker.
    let slice = Self.dims[0] * Self.dims[1] * 4
    #expect(try (needs - slice...needs).contains(#require(plan["memory_bytes"] as? Int)))
    try scratch.remove("out")
    try scratch.medfilter("run", "job.json", "--memory", "\(needs)").expect(status: 0)
  }
}
