import Testing

/// The log's head, signed and copied, from the command line.
@Suite struct SigningTests {
  /// The first key pair of RFC 8032, section 7.1, as openssl writes it.
  static let privateKey = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
    -----END PRIVATE KEY-----

    """
  static let publicKey = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
    -----END PUBLIC KEY-----

    """

  private func archive() throws -> Scratch {
    let scratch = try Scratch.threeScans()
    try scratch.write(Array(Self.privateKey.utf8), to: "keys/medfilter-signing.key", mode: 0o600)
    try scratch.write(Array(Self.publicKey.utf8), to: "site.pub")
    try scratch.write([], to: "anchor/note.txt")
    return scratch
  }

  @Test(arguments: ["option", "variable", "credential"])
  func `the key comes from an option, a variable or the service manager`(way: String) throws {
    let scratch = try archive()
    let key = scratch.place("keys/medfilter-signing.key")
    switch way {
    case "variable": scratch.environment["MEDFILTER_SIGNING_KEY_FILE"] = key
    case "credential": scratch.environment["CREDENTIALS_DIRECTORY"] = scratch.place("keys")
    default: break
    }
    let run = try scratch.start(["run", "job.json"] + (way == "option" ? ["--signing-key", key] : [])).finish()
    run.expect(status: 0)
    #expect(run.stderr.contains("medfilter: head medfilter/"))
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl", "--key", "site.pub")
    verified.expect(status: 0)
    #expect(verified.stderr.isEmpty, "\(verified)")
    #expect(verified.stdout.contains("signed by 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=,"), "\(verified)")
    #expect(!scratch.text("out/provenance.jsonl").contains("nWGxne"))
  }

  @Test func `a log that is not signed, or by others, is found`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json")
    let verified = try scratch.medfilter("verify", "out/provenance.jsonl", "--key", "site.pub")
    verified.expect(status: 65)
    #expect(verified.stderr.contains("signature: expected"), "\(verified)")
  }

  @Test func `a signed log is only continued with a key`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json", "--signing-key", "keys/medfilter-signing.key")
    let before = scratch.text("out/provenance.jsonl")
    let without = try scratch.medfilter("run", "job.json")
    without.expect(status: 74)
    #expect(without.stderr.contains("the log is signed"), "\(without)")
    #expect(scratch.text("out/provenance.jsonl") == before)
  }

  @Test(arguments: ["missing", "public", "open"])
  func `what is no key of its owner's is refused before anything is written`(kind: String) throws {
    let scratch = try archive()
    try scratch.write(Array(Self.privateKey.utf8), to: "open", mode: 0o644)
    try scratch.write(Array(Self.publicKey.utf8), to: "public", mode: 0o600)
    let run = try scratch.medfilter("run", "job.json", "--signing-key", kind)
    run.expect(status: 64)
    #expect(run.stderr.contains("signing key: expected"), "\(run)")
    #expect(scratch.bytes("out/provenance.jsonl") == nil)
  }

  @Test func `an older log that is put back is found by the copies of its heads`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json", "--anchor", "anchor")
    for name in ["provenance.jsonl", "provenance.head"] {
      try scratch.write(scratch.bytes("out/\(name)") ?? [], to: name)
    }
    let run = try scratch.medfilter("run", "job.json", "--anchor", "anchor", "--force")
    run.expect(status: 0)
    let whole = try scratch.medfilter("verify", "out/provenance.jsonl", "--anchor", "anchor")
    whole.expect(status: 0)
    #expect(whole.stdout.contains("3 kept heads still true"), "\(whole)")
    try scratch.write(Array(run.stderr.utf8), to: "journal")
    for name in ["provenance.jsonl", "provenance.head"] {
      try scratch.write(scratch.bytes(name) ?? [], to: "out/\(name)")
    }
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    for copies in ["anchor", "journal"] {
      let found = try scratch.medfilter("verify", "out/provenance.jsonl", "--anchor", copies)
      found.expect(status: 65)
      #expect(found.stderr.contains("truncated: expected"), "\(copies): \(found)")
    }
    try scratch.medfilter("run", "job.json", "--anchor", "anchor").expect(status: 74)
  }

  @Test func `a folder for copies that is missing is refused before anything is written`() throws {
    let scratch = try archive()
    let run = try scratch.medfilter("run", "job.json", "--anchor", "nowhere")
    run.expect(status: 73)
    #expect(run.stderr.contains("--anchor nowhere: expected a folder"), "\(run)")
    #expect(scratch.bytes("out/provenance.jsonl") == nil)
  }
}
