import Foundation
import Testing

/// Archives are read-only: a header that is odd where the voxels do not depend on it is a finding, what holds no volume is
/// refused by name, and what rounding costs is told.
@Suite struct OddHeaderTests {
  private static func scratch(_ bytes: [UInt8], policy: String = "{}", _ change: (inout TestJob) -> Void = { _ in })
    throws
    -> Scratch
  {
    let scratch = try Scratch()
    try scratch.write(bytes, to: "in/a.nii")
    var job = TestJob()
    job.policy = policy
    change(&job)
    try scratch.write(job)
    return scratch
  }

  private static func scan(_ offset: Int, _ value: Int16) -> [UInt8] {
    var bytes = TinyScan.noise(6, 5, 4).bytes
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 2, with: $0) }
    return bytes
  }

  @Test func `a wrong bitpix is a finding, and a refusal where the job is strict`() throws {
    let tolerant = try Self.scratch(Self.scan(72, 32))
    let done = try tolerant.medfilter("run", "job.json")
    done.expect(status: 0)
    #expect(done.stderr.contains("bitpix-wrong"), "\(done)")
    let output = try tolerant.records().first { $0["type"] as? String == "output" }
    let findings = String(describing: output?["findings"])
    #expect(findings.contains("bitpix: expected 16 for int16, found 32; datatype was used"), "\(findings)")
    #expect(try tolerant.medfilter("run", "job.json").stderr.contains("1 up to date"))
    try tolerant.medfilter("replay", "out/provenance.jsonl", "--inputs", "in").expect(status: 0)
    let strict = try Self.scratch(Self.scan(72, 32), policy: #"{"headers": "strict"}"#)
    let refused = try strict.medfilter("run", "job.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("a.nii: failed: E_HDR_BITPIX"), "\(refused)")
  }

  @Test func `a mask asks for a place in the world that can be relied on`() throws {
    // sform_code 1, and twelve zeros.
    let scratch = try Self.scratch(Self.scan(254, 1)) {
      $0.filters = #"[{"filter": "box", "size_vox": 3, "mask": "mask.nii"}]"#
    }
    try scratch.write(.noise(6, 5, 4), to: "mask.nii")
    let masked = try scratch.medfilter("run", "job.json")
    masked.expect(status: 3)
    #expect(masked.stderr.contains("E_HDR_XFORM: sform"), "\(masked)")
    try scratch.write(TestJob())
    let plain = try scratch.medfilter("run", "job.json")
    plain.expect(status: 0)
    #expect(plain.stderr.contains("sform-unusable"), "\(plain)")
  }

  @Test(arguments: [[1, 1, 1, 50, 30], [3000, 1, 1], [27307, 1, 6]])
  func `what holds no volume is refused by name`(dims: [Int]) throws {
    let count = dims.reduce(1, *)
    let scan = TinyScan(dims: dims, type: .uint8, values: Array(repeating: 1, count: count))
    let scratch = try Self.scratch(scan.bytes)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("a.nii: failed: E_FMT_NOVOLUME"), "\(outcome)")
  }

  @Test func `a chain that looks at no neighbours does a row`() throws {
    let scan = TinyScan(dims: [3000, 1, 1], type: .uint8, values: Array(repeating: 1, count: 3000))
    let scratch = try Self.scratch(scan.bytes) { $0.filters = #"[{"filter": "scale", "slope": 2}]"# }
    try scratch.medfilter("run", "job.json").expect(status: 0)
  }

  @Test(arguments: [("same", true), ("float32", false), ("int16", true)])
  func `a mask that rounding turns into nothing is a finding`(type: String, isLost: Bool) throws {
    var mask = TinyScan(dims: [8, 8, 8], type: .uint8, values: Array(repeating: 0, count: 512))
    for index in stride(from: 0, to: 512, by: 7) { mask.values[index] = 1 }
    let scratch = try Self.scratch(mask.bytes) { $0.output = #", "voxel_type": "\#(type)""# }
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("precision-lost") == isLost, "\(outcome)")
    #expect(scratch.text("out/summary.json").contains("stored as") == isLost)
  }

  @Test func `an ordinary scan that is rounded is none`() throws {
    let scratch = try Self.scratch(TinyScan.noise(12, 11, 10).bytes) { $0.output = #", "voxel_type": "int16""# }
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(!outcome.stderr.contains("precision-lost"), "\(outcome)")
  }

  @Test func `a file that was not fetched says so`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.link("in/annexed.nii.gz", to: ".git/annex/objects/aa/bb/SHA256E-s9--cc.nii.gz")
    try scratch.write(Array("/annex/objects/SHA256E-s9--cc.nii.gz\n".utf8), to: "in/pointer.nii.gz")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("3 done, 2 failed"), "\(outcome)")
    for name in ["annexed.nii.gz: failed: E_IN_OPEN", "pointer.nii.gz: failed: E_FMT_UNKNOWN"] {
      #expect(outcome.stderr.contains(name), "\(outcome)")
    }
    #expect(outcome.stderr.contains("git annex get") && !outcome.stderr.contains("by-content"), "\(outcome)")
  }
}
