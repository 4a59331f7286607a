import Foundation
import Glibc
import Testing

/// The output disk fails.
@Suite struct OutputDiskTests {
  private static let isRoot = geteuid() == 0

  /// Scans of which the second is too large for the place.
  private func archive(_ format: String = "nii") throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(8, 8, 8), to: "in/a.nii")
    try scratch.write(.noise(80, 80, 40), to: "in/b.nii")
    try scratch.write(.noise(8, 8, 8), to: "in/c.nii")
    try scratch.write(TestJob(format: format))
    return scratch
  }

  private func expectStopped(_ outcome: Outcome, _ scratch: Scratch) {
    outcome.expect(status: 74)
    #expect(outcome.stderr.contains("the log or the output disk failed"), "\(outcome)")
    #expect(scratch.outputs().map { $0.prefix(5) } == ["a.nii"])
    #expect(scratch.temporaryFiles == [])
  }

  @Test func `an output beyond the file-size limit fails alone, and a run without the limit does it`() throws {
    let scratch = try archive()
    // Below the second output's megabyte, and above the half that the thread sanitizer writes for itself.
    let outcome = try scratch.medfilter("run", "job.json", under: ["/usr/bin/prlimit", "--fsize=600000"])
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("b.nii: failed: E_OUT_IO"), "\(outcome)")
    #expect(scratch.outputs() == ["a.nii", "c.nii"] && scratch.temporaryFiles == [])
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("1 done, 2 up to date"), "\(again)")
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  /// Root reads everything, unless it is told not to.
  static let withoutOverride =
    isRoot ? ["/usr/bin/setpriv", "--bounding-set=-dac_override,-dac_read_search"] : []

  @Test func `an output that may not be read fails its scan and no other`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json").expect(status: 0)
    chmod(scratch.place("out/a.nii"), 0)
    let outcome = try scratch.medfilter("run", "job.json", under: Self.withoutOverride)
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("a.nii: failed: E_OUT_PERM"), "\(outcome)")
    #expect(outcome.stderr.contains("2 up to date"), "\(outcome)")
    chmod(scratch.place("out/a.nii"), 0o644)
    #expect(try scratch.medfilter("run", "job.json").stderr.contains("3 up to date"))
  }

  @Test(.enabled(if: isRoot, "mounting a small disk takes root"))
  func `a full disk stops the run with 74, and a run with more space finishes the job`() throws {
    // Compressed: nobody knows beforehand that it will not fit.
    let scratch = try archive("nii.gz")
    try FileManager.default.createDirectory(atPath: scratch.place("out"), withIntermediateDirectories: true)
    guard mount("none", scratch.place("out"), "tmpfs", 0, "size=256k") == 0 else {
      try Test.cancel("this container may not mount")
    }
    defer { umount2(scratch.place("out"), Int32(MNT_DETACH)) }
    expectStopped(try scratch.medfilter("run", "job.json"), scratch)
    #expect(mount("none", scratch.place("out"), "tmpfs", UInt(MS_REMOUNT), "size=16m") == 0)
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("2 done, 1 up to date"), "\(again)")
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test(.enabled(if: isRoot, "mounting a small disk takes root"))
  func `plain outputs that the disk has no room for are 73 before anything is written, with both numbers`() throws {
    let scratch = try Scratch()
    for name in ["a", "b", "c"] { try scratch.write(.noise(40, 40, 20), to: "in/\(name).nii") }
    try scratch.write(TestJob())
    try FileManager.default.createDirectory(atPath: scratch.place("out"), withIntermediateDirectories: true)
    guard mount("none", scratch.place("out"), "tmpfs", 0, "size=256k") == 0 else {
      try Test.cancel("this container may not mount")
    }
    defer { umount2(scratch.place("out"), Int32(MNT_DETACH)) }
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 73)
    #expect(outcome.stderr.contains("the outputs take \(3 * 4 * 40 * 40 * 20) bytes, found "), "\(outcome)")
    #expect(scratch.outputs() == [])
  }

  @Test(.enabled(if: isRoot, "mounting a small disk takes root"))
  func `a disk that is full from the beginning, or read-only, is 73`() throws {
    let scratch = try archive()
    try FileManager.default.createDirectory(atPath: scratch.place("out"), withIntermediateDirectories: true)
    guard mount("none", scratch.place("out"), "tmpfs", 0, "size=16k") == 0 else {
      try Test.cancel("this container may not mount")
    }
    defer { umount2(scratch.place("out"), Int32(MNT_DETACH)) }
    try scratch.write([UInt8](repeating: 1, count: 16384), to: "out/full")
    let full = try scratch.medfilter("run", "job.json")
    full.expect(status: 73)
    #expect(full.stderr.contains("output.root"), "\(full)")
    #expect(mount("none", scratch.place("out"), "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "") == 0)
    let readOnly = try scratch.medfilter("run", "job.json")
    readOnly.expect(status: 73)
    #expect(readOnly.stderr.contains("output.root"), "\(readOnly)")
  }
}
