import Foundation
import Testing

/// Output trees that earlier builds made (`Golden/make_trees.py`): every later build verifies them, computes them again,
/// and finds them up to date.
@Suite struct EarlierTreesTests {
  /// A copy of what a build left, to run jobs in.
  static func copy() throws -> Scratch {
    let scratch = try Scratch()
    let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/build-1").path
    try scratch.remove("")
    try FileManager.default.copyItem(atPath: golden, toPath: scratch.folder)
    // A checkout does not keep who may read a key.
    for secret in ["names.key", "signing.pem"] { chmod(scratch.place(secret), 0o600) }
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("names.key")
    return scratch
  }

  private static let jobs: [String] = {
    let golden = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/build-1/jobs").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: golden)) ?? []
    return names.map { String($0.dropLast(5)) }.sorted()
  }()

  private static func archive(of job: String) -> String { job == "failed" ? "archive-short" : "archive" }

  @Test func `the trees are there`() {
    #expect(Self.jobs.count >= 20)
  }

  @Test(arguments: jobs)
  func `a tree is whole, voxels included`(job: String) throws {
    let scratch = try Self.copy()
    let outcome = try scratch.medfilter(
      "verify", "out/\(job)/provenance.jsonl", "--inputs", Self.archive(of: job), "--decode")
    outcome.expect(status: 0)
  }

  @Test(arguments: jobs)
  func `its outputs are computed again`(job: String) throws {
    let scratch = try Self.copy()
    let outcome = try scratch.medfilter(
      "replay", "out/\(job)/provenance.jsonl", "--inputs", Self.archive(of: job), "--job", "jobs/\(job).json")
    outcome.expect(status: 0)
    let isOfEarlierRule = Self.jobsOfEarlierRules.contains(job)
    #expect(outcome.stdout.contains("made by an earlier rule, not computed") == isOfEarlierRule)
    #expect(outcome.stderr.contains("earlier-rule: expected") == isOfEarlierRule, "\(outcome)")
  }

  /// Jobs whose chain has made other voxels since.
  private static let jobsOfEarlierRules = ["mask-constant"]

  @Test(arguments: jobsOfEarlierRules)
  func `what an earlier rule made is made again, once, and the run says why`(job: String) throws {
    let scratch = try Self.copy()
    let outcome = try scratch.medfilter("run", "jobs/\(job).json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("2 done"), "\(outcome)")
    let reason = "2 outputs made again, because "
    #expect(outcome.stderr.components(separatedBy: reason).count == 2, "\(outcome)")
    #expect(try scratch.records("out/\(job)").contains { "\($0["reason"] ?? "")" == "earlier_rule" })
    let again = try scratch.medfilter("run", "jobs/\(job).json")
    again.expect(status: 0)
    #expect(again.stderr.contains("2 up to date"), "\(again)")
    let replayed = try scratch.medfilter("replay", "out/\(job)/provenance.jsonl", "--job", "jobs/\(job).json")
    replayed.expect(status: 0)
    #expect(replayed.stdout.contains("all voxels as recorded\n"), "\(replayed)")
  }

  @Test(arguments: jobs.filter { !jobsOfEarlierRules.contains($0) })
  func `its outputs are up to date`(job: String) throws {
    let scratch = try Self.copy()
    let before = try scratch.records("out/\(job)").count
    let guards = job == "signed" ? ["--signing-key", "signing.pem", "--anchor", "anchors"] : []
    let outcome = try scratch.start(["run", "jobs/\(job).json"] + guards).finish()
    outcome.expect(status: job == "failed" ? 3 : 0)
    #expect(try scratch.summary("done", of: "out/\(job)") == 0)
    #expect(try (scratch.summary("up_to_date", of: "out/\(job)") ?? 0) > 0)
    #expect(try scratch.records("out/\(job)").count > before)
    let verified = try scratch.medfilter("verify", "out/\(job)/provenance.jsonl", "--inputs", Self.archive(of: job))
    verified.expect(status: 0)
  }

  @Test func `the signed tree still fits its key and the copies of its heads`() throws {
    let scratch = try Self.copy()
    let outcome = try scratch.medfilter("verify", "out/signed/provenance.jsonl", "--anchor", "anchors")
    outcome.expect(status: 0)
    #expect(outcome.stdout.contains("signed by"), "\(outcome)")
    #expect(outcome.stdout.contains("4 kept heads still true"), "\(outcome)")
  }
}
