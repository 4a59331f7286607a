import Foundation
import Glibc
import Testing

/// Outputs have a place of their own: nothing that was measured is ever replaced, whatever path leads to it.
@Suite struct OwnPlaceTests {
  private static func replacing(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    try Scratch.threeScans { job in
      job.output = #", "on_exists": "replace""#
      change(&job)
    }
  }

  /// In a mount namespace of its own, where folders can be shown at other places; nil where making one is not permitted.
  private static func mounting(_ from: String, at place: String, _ scratch: Scratch) throws -> Outcome? {
    try FileManager.default.createDirectory(atPath: scratch.place(place), withIntermediateDirectories: true)
    let mount = "mount --bind \(scratch.place(from)) \(scratch.place(place)) || exit 111; exec \"$@\""
    let outcome = try scratch.medfilter(
      "run", "job.json", under: ["/usr/bin/unshare", "-m", "/bin/sh", "-c", mount, "sh"])
    return [111, 127].contains(outcome.status) || outcome.stderr.contains("unshare failed") ? nil : outcome
  }

  static let canMount: Bool = {
    guard let scratch = try? Scratch.threeScans() else { return false }
    return (try? mounting("in", at: "elsewhere", scratch)) != nil
  }()

  @Test(.enabled(if: canMount, "mounting is not permitted here"))
  func `the input root under another path is refused as output root`() throws {
    let scratch = try Self.replacing { $0.outputRoot = "elsewhere" }
    let before = scratch.bytes("in/a.nii")
    let outcome = try #require(try Self.mounting("in", at: "elsewhere", scratch))
    outcome.expect(status: 64)
    #expect(outcome.stderr.contains("the same folder as input.root"), "\(outcome)")
    #expect(scratch.bytes("in/a.nii") == before)
    #expect(scratch.listing("in") == ["a.nii", "sub", "sub/b.nii.gz", "sub/c.nii"])
  }

  @Test(.enabled(if: canMount, "mounting is not permitted here"))
  func `a folder above the input root under another path is refused as output root`() throws {
    let scratch = try Self.replacing { job in
      job.input = #"{"root": "elsewhere/sub"}"#
      job.outputRoot = "in"
    }
    let outcome = try #require(try Self.mounting("in", at: "elsewhere", scratch))
    outcome.expect(status: 64)
    #expect(outcome.stderr.contains("a folder above input.root"), "\(outcome)")
  }

  @Test(.enabled(if: canMount, "mounting is not permitted here"))
  func `an output folder that is one of the archive's fails its scans alone`() throws {
    let scratch = try Self.replacing()
    let before = scratch.bytes("in/sub/c.nii")
    let outcome = try #require(try Self.mounting("in/sub", at: "out/sub", scratch))
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("1 done, 2 failed"), "\(outcome)")
    #expect(outcome.stderr.contains("sub/c.nii: failed: E_OUT_INPUT"), "\(outcome)")
    #expect(scratch.bytes("in/sub/c.nii") == before)
    #expect(scratch.listing("in/sub") == ["b.nii.gz", "c.nii"])
  }

  @Test(arguments: ["within-root", "follow"])
  func `an input that is a link to the output's place is never replaced`(policy: String) throws {
    let scratch = try Self.replacing { job in
      job.input = #"{"root": "all", "symlinks": "\#(policy)", "include": ["in/*.nii"]}"#
      job.outputRoot = "all/out"
    }
    try scratch.write(.noise(4, 4, 4, seed: 9), to: "all/out/in/a.nii")
    try scratch.link("all/in/a.nii", to: "../out/in/a.nii")
    let before = scratch.bytes("all/out/in/a.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("in/a.nii: failed: E_OUT_INPUT"), "\(outcome)")
    #expect(scratch.bytes("all/out/in/a.nii") == before)
  }

  @Test func `a link in the place of an output is replaced, and what it leads to stays`() throws {
    let scratch = try Self.replacing()
    let before = scratch.bytes("in/a.nii")
    try scratch.link("out/a.nii", to: scratch.place("in/a.nii"))
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(statusAmong: [0, 3])
    #expect(scratch.bytes("in/a.nii") == before)
  }

  @Test func `a second name of an input is not replaced`() throws {
    let scratch = try Self.replacing()
    try FileManager.default.createDirectory(atPath: scratch.place("out"), withIntermediateDirectories: true)
    try FileManager.default.linkItem(atPath: scratch.place("in/a.nii"), toPath: scratch.place("out/a.nii"))
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("a.nii: failed: E_OUT_INPUT"), "\(outcome)")
    #expect(scratch.outputs().count == 3 && scratch.bytes("out/a.nii") == scratch.bytes("in/a.nii"))
  }

  @Test func `names that meet in one output fail, and the others are done`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write(.noise(8, 7, 6, seed: 1), to: "in/a.nii.gz")
    try scratch.write(.noise(8, 7, 6, seed: 5), to: "in/Sub/c.nii")
    try scratch.write(.noise(8, 7, 6, seed: 6), to: "in/cafe\u{301}.nii")
    try scratch.write(.noise(8, 7, 6, seed: 7), to: "in/caf\u{E9}.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("1 done, 6 failed"), "\(outcome)")
    #expect(scratch.outputs() == ["sub/b.nii"])
    #expect(outcome.stderr.contains("a.nii: failed: E_OUT_CLASH: output name"), "\(outcome)")
    #expect(outcome.stderr.contains("found the same one for a.nii.gz"), "\(outcome)")
  }

  @Test func `the partner of a pair lies beside the name that was found`() throws {
    let scratch = try Scratch()
    let (header, voxels) = TinyScan.noise(6, 5, 4, seed: 3).pair
    try scratch.write(header, to: "in/raw/scan.hdr")
    try scratch.write(voxels, to: "in/raw/scan.img")
    try scratch.write(Array(repeating: 0, count: voxels.count), to: "in/defaced/scan.img")
    try scratch.link("in/x.hdr", to: "raw/scan.hdr")
    try scratch.link("in/x.img", to: "defaced/scan.img")
    // As git-annex keeps files: under names that say nothing of their format.
    try scratch.write(header, to: "in/.git/annex/objects/SHA256-s1--aa")
    try scratch.write(voxels, to: "in/.git/annex/objects/SHA256-s2--bb")
    try scratch.link("in/y.hdr", to: ".git/annex/objects/SHA256-s1--aa")
    try scratch.link("in/y.img", to: scratch.place("in/.git/annex/objects/SHA256-s2--bb"))
    try scratch.write(TinyScan.noise(6, 5, 4, seed: 3).gzipped, to: "in/.git/annex/objects/SHA256-s3--cc")
    try scratch.link("in/z.nii.gz", to: ".git/annex/objects/SHA256-s3--cc")
    var job = TestJob()
    job.input = #"{"root": "in", "include": ["*"]}"#
    try scratch.write(job)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(scratch.scan("out/x.nii")?.values.allSatisfy { $0 == 0 } == true)
    #expect(scratch.scan("out/y.nii")?.values == scratch.scan("out/z.nii")?.values)
    let again = try scratch.medfilter("run", "job.json")
    #expect(again.stderr.contains("3 up to date"), "\(again)")
    try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in").expect(status: 0)
  }
}
