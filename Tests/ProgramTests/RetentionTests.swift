import Testing

/// What outputs take over from their inputs' headers.
@Suite struct RetentionTests {
  /// A scan with a comment and with something else in its header.
  private static var scan: [UInt8] {
    var bytes = TinyScan.noise(6, 5, 4)
    bytes.description = "DESCRIP^TEXT"
    return bytes.bytes(withExtensions: [(6, "A COMMENT"), (2, "DICOM^NAME")])
  }

  private func output(policy: String) throws -> (bytes: [UInt8], scratch: Scratch) {
    let scratch = try Scratch()
    try scratch.write(Self.scan, to: "in/a.nii")
    var job = TestJob()
    job.policy = policy
    try scratch.write(job)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    return (try #require(scratch.bytes("out/a.nii")), scratch)
  }

  @Test(arguments: [
    ("{}", [true, true, true], "kept 2 dropped 0"),
    (#"{"extensions": "drop"}"#, [true, false, false], "kept 0 dropped 2"),
    (#"{"extensions": [6], "text_fields": "clear"}"#, [false, true, false], "kept 1 dropped 1"),
    (#"{"extensions": "drop", "text_fields": "clear"}"#, [false, false, false], "kept 0 dropped 2"),
  ])
  func `text and extensions are kept as the policy says, and the log counts them`(
    policy: String, isThere: [Bool], counts: String
  ) throws {
    let (bytes, scratch) = try output(policy: policy)
    let found = ["DESCRIP^TEXT", "A COMMENT", "DICOM^NAME"].map { bytes.contains(Array($0.utf8)) }
    #expect(found == isThere)
    let record = try #require(try scratch.records().first { $0["type"] as? String == "output" })
    let extensions = try #require(record["extensions"] as? [String: Int])
    #expect("kept \(extensions["kept"] ?? -1) dropped \(extensions["dropped"] ?? -1)" == counts)
    try scratch.medfilter("inspect", "out/a.nii").expect(status: 0)
  }

  @Test func `an output made under another policy is not up to date`() throws {
    let (_, scratch) = try output(policy: "{}")
    var job = TestJob()
    job.policy = #"{"text_fields": "clear"}"#
    try scratch.write(job)
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 3)
    #expect(refused.stderr.contains("E_OUT_EXISTS"), "\(refused)")
    job.output = #", "on_exists": "replace""#
    try scratch.write(job)
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(scratch.bytes("out/a.nii")?.contains(Array("DESCRIP^TEXT".utf8)) == false)
  }
}
