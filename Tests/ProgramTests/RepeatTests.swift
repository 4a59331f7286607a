import Foundation
import Testing

/// What is done again, and what is not.
@Suite struct RepeatTests {
  /// An archive that was filtered once.
  private func finished(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans(change)
    let outcome = try scratch.medfilter("run", "job.json")
    try outcome.require(status: 0)
    return scratch
  }

  private func expectNoWork(_ scratch: Scratch, _ arguments: [String] = ["run", "job.json"]) throws {
    let outcome = try scratch.start(arguments).finish()
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("3 up to date") && outcome.stderr.contains("nothing to do"))
    #expect(try scratch.summary("done") == 0)
    #expect(try scratch.summary("up_to_date") == 3)
  }

  @Test func `a second run does no work and says so`() throws {
    let scratch = try finished()
    let inodes = try Scratch.threeOutputs.map { try fileNumber(scratch.place("out/\($0)")) }
    try expectNoWork(scratch)
    #expect(try Scratch.threeOutputs.map { try fileNumber(scratch.place("out/\($0)")) } == inodes)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `one changed byte of one input makes only that scan be done again`() throws {
    let scratch = try finished()
    var bytes = try #require(scratch.bytes("in/sub/c.nii"))
    bytes[TinyScan.headerBytes + 10] ^= 1
    try scratch.write(bytes, to: "in/sub/c.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done, 2 up to date"))
    #expect(outcome.stderr.contains("sub/c.nii: done"))
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `touched inputs are no work`() throws {
    let scratch = try finished()
    for name in scratch.listing("in") {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scratch.place("in/\(name)"))
    }
    try expectNoWork(scratch)
  }

  @Test func `a moved archive is no work`() throws {
    let scratch = try finished()
    for name in ["in", "out", "job.json"] {
      try FileManager.default.createDirectory(atPath: scratch.place("moved"), withIntermediateDirectories: true)
      try scratch.move(name, to: "moved/\(name)")
    }
    let outcome = try scratch.medfilter("run", "moved/job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("3 up to date"), "\(outcome)")
    #expect(try scratch.summary("done", of: "moved/out") == 0)
  }

  @Test func `a job that says the same in other words is no work`() throws {
    let scratch = try finished { $0.filters = #"[{"filter": "box", "size_vox": 3}]"# }
    var job = TestJob()
    job.filters = #"[{"filter": "box", "boundary": "reflect", "size_vox": [3, 3, 3]}]"#
    job.name = "another-name"
    try scratch.write(job)
    try expectNoWork(scratch)
  }

  @Test func `a deleted output is made again, with the same bytes`() throws {
    let scratch = try finished()
    let before = scratch.bytes("out/a.nii")
    try scratch.remove("out/a.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done, 2 up to date"), "\(outcome)")
    #expect(scratch.bytes("out/a.nii") == before)
  }

  @Test func `an output that somebody changed is refused, and is made again where replacing is allowed`() throws {
    let scratch = try finished()
    let sound = scratch.bytes("out/a.nii")
    var bytes = try #require(sound)
    bytes[bytes.count - 1] ^= 1
    try scratch.write(bytes, to: "out/a.nii")
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("E_OUT_EXISTS"), "\(refused)")
    #expect(scratch.bytes("out/a.nii") == bytes)
    var job = TestJob()
    job.output = #", "on_exists": "replace""#
    try scratch.write(job)
    let replaced = try scratch.medfilter("run", "job.json")
    replaced.expect(status: 0)
    #expect(replaced.stderr.contains("1 done, 2 up to date"), "\(replaced)")
    #expect(scratch.bytes("out/a.nii") == sound)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `another recipe does not replace what is there, unless it is told to`() throws {
    let scratch = try finished()
    let first = scratch.bytes("out/a.nii")
    var job = TestJob()
    job.filters = #"[{"filter": "box", "size_vox": 5}]"#
    try scratch.write(job)
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("3 failed"), "\(refused)")
    #expect(scratch.bytes("out/a.nii") == first)
    job.output = #", "on_exists": "replace""#
    try scratch.write(job)
    let replaced = try scratch.medfilter("run", "job.json")
    replaced.expect(status: 0)
    #expect(replaced.stderr.contains("3 done"), "\(replaced)")
    #expect(scratch.bytes("out/a.nii") != first)
  }

  @Test func `a scan that was put on another grid is an input that has changed`() throws {
    // Millimetres become other weights on other voxels, so the recipe is another one.
    let scratch = try finished { $0.filters = #"[{"filter": "gaussian", "fwhm_mm": 3}]"# }
    var scan = TinyScan.noise(9, 7, 5, seed: 1)
    scan.spacing = [0.9, 1, 1.5]
    try scratch.write(scan, to: "in/a.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("1 done, 2 up to date"), "\(outcome)")
    #expect(try scratch.summaryScans().compactMap { $0["reason"] as? String } == ["input_changed"])
    // Said in other words it is the same job.
    var job = TestJob()
    job.filters = #"[{"filter": "gaussian", "fwhm_mm": 3.0, "boundary": "reflect"}]"#
    try scratch.write(job)
    try scratch.write(.noise(8, 7, 6, seed: 1), to: "in/a.nii")
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("1 done, 2 up to date"), "\(again)")
    // Another grid excuses no other job.
    job.filters = #"[{"filter": "gaussian", "fwhm_mm": 4}]"#
    try scratch.write(job)
    try scratch.write(scan, to: "in/a.nii")
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("3 failed"), "\(refused)")
  }

  @Test func `a file that is not ours is never replaced by default, not even by force`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write(Array("precious".utf8), to: "out/a.nii")
    for arguments in [["run", "job.json"], ["run", "job.json", "--force"]] {
      let outcome = try scratch.start(arguments).finish()
      outcome.expect(status: 3)
      #expect(outcome.stderr.contains("a.nii: failed: E_OUT_EXISTS"), "\(outcome)")
      #expect(scratch.text("out/a.nii") == "precious")
    }
  }

  @Test func `force does again what is done, with the same bytes`() throws {
    let scratch = try finished()
    let before = Scratch.threeOutputs.map { scratch.bytes("out/\($0)") }
    let outcome = try scratch.medfilter("run", "job.json", "--force")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("3 done"), "\(outcome)")
    #expect(Scratch.threeOutputs.map { scratch.bytes("out/\($0)") } == before)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  private func fileNumber(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
  }
}
