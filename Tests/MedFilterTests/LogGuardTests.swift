import ByteStreams
import Foundation
import MedFilter
import Provenance
import Testing

/// A job that signs its log and copies its heads, judged by what `medfilter verify` goes by.
@Suite struct LogGuardTests {
  /// The second key pair of RFC 8032, section 7.1, as openssl writes it.
  static let privateKey = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7
    -----END PRIVATE KEY-----

    """
  static let publicKey = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=
    -----END PUBLIC KEY-----

    """

  private func archive(keyMode: Int = 0o600) throws -> Archive {
    let archive = try Archive()
    for name in ["a", "b"] { try archive.writeScan([1, 2, 3, 4], to: "in/\(name).nii") }
    try archive.writeJob()
    try Data(Self.privateKey.utf8).write(to: archive.url("key.pem"))
    try FileManager.default.setAttributes([.posixPermissions: keyMode], ofItemAtPath: archive.place("key.pem"))
    try FileManager.default.createDirectory(at: archive.url("anchor"), withIntermediateDirectories: false)
    return archive
  }

  private func verify(_ archive: Archive, against copies: String) throws -> VerifyReport {
    var options = LogVerifier.Options()
    options.keys = [try #require(PublicKey(pem: Array(Self.publicKey.utf8)))]
    options.copies = [try HeadCopies(at: archive.place(copies))]
    return try LogVerifier.verify(logPath: archive.place("out/provenance.jsonl"), options: options)
  }

  @Test func `the heads are signed and copied, and the last one is handed over`() throws {
    let archive = try archive()
    let job = try Job(contentsOf: archive.place("job.json"))
    let summary = try job.run(
      guards: LogGuards(signingKey: archive.place("key.pem"), anchors: [archive.place("anchor")]))
    #expect(summary.done == 2 && summary.isComplete)
    let report = try verify(archive, against: "anchor")
    #expect(report.isWhole && report.copiesChecked > 0, "\(report.problems)")
    #expect(report.signer == PublicKey(pem: Array(Self.publicKey.utf8)))

    let head = try #require(summary.head)
    try Data((head + "\n").utf8).write(to: archive.url("journal"))
    #expect(try verify(archive, against: "journal").copiesChecked == 1)
  }

  @Test func `an older log that is put back is found, and not continued`() throws {
    let archive = try archive()
    let guards = LogGuards(signingKey: archive.place("key.pem"), anchors: [archive.place("anchor")])
    let names = ["out/provenance.jsonl", "out/provenance.head"]
    _ = try Job(contentsOf: archive.place("job.json")).run(guards: guards)
    let old = try names.map { try Data(contentsOf: archive.url($0)) }
    try archive.writeScan([5, 6, 7], to: "in/c.nii")
    let job = try Job(contentsOf: archive.place("job.json"))
    let summary = try job.run(guards: guards)
    try Data((try #require(summary.head) + "\n").utf8).write(to: archive.url("journal"))
    for (name, content) in zip(names, old) { try content.write(to: archive.url(name)) }
    for copies in ["anchor", "journal"] {
      #expect(try verify(archive, against: copies).problems.map(\.kind).contains(.truncated), "\(copies)")
    }
    let error = try #require(throws: MedFilterError.self) { try job.run(guards: guards) }
    expect(error, "E_LOG", "truncated: expected the")
  }

  @Test func `without a key a signed log is left as it is`() throws {
    let archive = try archive()
    let job = try Job(contentsOf: archive.place("job.json"))
    _ = try job.run(guards: LogGuards(signingKey: archive.place("key.pem")))
    let before = try Data(contentsOf: archive.url("out/provenance.jsonl"))
    let error = try #require(throws: MedFilterError.self) { try job.run() }
    expect(error, "E_LOG", "the log is signed")
    #expect(try Data(contentsOf: archive.url("out/provenance.jsonl")) == before)
  }

  @Test func `a key or folder that cannot be is refused before anything is written`() throws {
    let archive = try archive(keyMode: 0o644)
    let job = try Job(contentsOf: archive.place("job.json"))
    let wrong = [
      (LogGuards(signingKey: archive.place("key.pem")), "E_JOB", "expected a file that only its owner can read"),
      (LogGuards(signingKey: archive.place("job.json")), "E_JOB", "expected a readable PEM file"),
      (LogGuards(anchors: [archive.place("nowhere")]), "E_OUTPUT", "nowhere: expected a folder"),
    ]
    for (guards, code, sentence) in wrong {
      let error = try #require(throws: MedFilterError.self) { try job.run(guards: guards) }
      expect(error, code, sentence)
      #expect(!archive.names.contains("out"))
    }
  }
}
