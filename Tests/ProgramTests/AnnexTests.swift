import Foundation
import Glibc
import Testing

/// Output trees that `datalad save` has been over: each file a link into a store, whose files nobody may write.
@Suite struct AnnexTests {
  private static let log = "out/provenance.jsonl"

  /// As `git annex add` leaves a file.
  @discardableResult
  private func annex(_ scratch: Scratch, _ name: String, in dataset: String, key: String? = nil) throws -> String {
    let key = key ?? "SHA256E-s9--\(name.hashValue.magnitude).nii"
    let object = "\(dataset)/.git/annex/objects/aa/bb/\(key)/\(key)"
    try FileManager.default.createDirectory(
      atPath: scratch.place("\(dataset)/.git/annex/objects/aa/bb/\(key)"), withIntermediateDirectories: true)
    try scratch.move(name, to: object)
    chmod(scratch.place(object), 0o444)
    let levels = name.split(separator: "/").count - dataset.split(separator: "/").count - 1
    let up = String(repeating: "../", count: dataset == "." ? levels + 1 : levels)
    try scratch.link(name, to: "\(up).git/annex/objects/aa/bb/\(key)/\(key)")
    return object
  }

  private func finished(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans(change)
    try scratch.medfilter("run", "job.json").require(status: 0)
    return scratch
  }

  @Test(arguments: ["out", "."]) func `saved outputs are as recorded and up to date`(dataset: String) throws {
    let scratch = try finished()
    for name in scratch.listing("out") where name != ".medfilter" && name != "sub" && !name.hasPrefix("sub/.") {
      _ = try annex(scratch, "out/\(name)", in: dataset)
    }
    let verified = try scratch.medfilter("verify", Self.log, "--inputs", "in", "--decode")
    verified.expect(status: 0)
    #expect(verified.stderr.isEmpty, "\(verified)")
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("3 up to date"), "\(again)")
    try scratch.medfilter("verify", Self.log).expect(status: 0)
    try scratch.medfilter("replay", Self.log, "--inputs", "in").expect(status: 0)
  }

  @Test func `doing a scan again replaces the link, and leaves the store alone`() throws {
    let scratch = try finished()
    let object = try annex(scratch, "out/a.nii", in: "out")
    let before = try #require(scratch.bytes(object))
    try scratch.write(.noise(8, 7, 6, seed: 9), to: "in/a.nii")
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("1 done, 2 up to date"), "\(again)")
    #expect(scratch.bytes(object) == before)
    var found = stat()
    #expect(lstat(scratch.place("out/a.nii"), &found) == 0 && found.st_mode & S_IFMT == S_IFREG)
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }

  @Test func `other links are no outputs, whatever lies behind them`() throws {
    let scratch = try finished()
    let key = "SHA256E-s9--1.nii"
    let output = try #require(scratch.bytes("out/a.nii"))
    for (target, word) in [
      ("../elsewhere/a.nii", "is a symbolic link"),
      ("../elsewhere/.git/annex/objects/aa/bb/\(key)/\(key)", "is a symbolic link"),
      (".git/annex/objects/../../../../elsewhere/a.nii", "is a symbolic link"),
      (".git/annex/objects/aa/bb/\(key)/\(key)", "whose content is not here"),
    ] {
      try scratch.write(output, to: "elsewhere/a.nii")
      try scratch.write(output, to: "elsewhere/.git/annex/objects/aa/bb/\(key)/\(key)")
      unlink(scratch.place("out/a.nii"))
      try scratch.link("out/a.nii", to: target)
      let outcome = try scratch.medfilter("verify", Self.log)
      outcome.expect(status: 65)
      #expect(outcome.stderr.contains(word), "\(target): \(outcome)")
      #expect(outcome.stderr.components(separatedBy: "\n").count == 2, "\(outcome)")
    }
  }

  @Test func `another content behind the link is found`() throws {
    let scratch = try finished()
    let object = try annex(scratch, "out/a.nii", in: "out")
    chmod(scratch.place(object), 0o644)
    try scratch.write([1, 2, 3], to: object)
    let outcome = try scratch.medfilter("verify", Self.log)
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("output-changed"), "\(outcome)")
  }

  @Test func `an output that was dropped is said to be elsewhere, and not made again unasked`() throws {
    let scratch = try finished()
    try scratch.remove(annex(scratch, "out/a.nii", in: "out"))
    let verified = try scratch.medfilter("verify", Self.log)
    verified.expect(status: 65)
    #expect(verified.stderr.contains("whose content is not here"), "\(verified)")
    let run = try scratch.medfilter("run", "job.json")
    run.expect(status: 3)
    #expect(run.stderr.contains("git annex get the output"), "\(run)")
    unlink(scratch.place("out/a.nii"))
    try scratch.medfilter("run", "job.json").expect(status: 0)
    try scratch.medfilter("verify", Self.log).expect(status: 0)
  }
}
