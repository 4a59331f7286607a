import Testing

/// Damage that a job may accept by name.
@Suite struct LeniencyTests {
  struct Damage: Sendable, CustomTestStringConvertible {
    let leniency: String
    let failure: String
    let finding: String
    let file: String
    let content: @Sendable (TinyScan) -> [UInt8]

    var testDescription: String { "\(leniency) in \(file)" }
  }

  static let damages = [
    Damage(leniency: "vox-offset-zero", failure: "E_HDR_OFFSET", finding: "vox-offset-zero", file: "a.nii") { scan in
      var bytes = scan.bytes
      bytes.replaceSubrange(108..<112, with: [0, 0, 0, 0])
      return bytes
    },
    Damage(leniency: "trailing-bytes", failure: "E_TRAILING", finding: "trailing-bytes", file: "a.nii") { scan in
      scan.bytes + [1]
    },
    Damage(leniency: "trailing-bytes", failure: "E_TRAILING", finding: "trailing-bytes", file: "a.nii.gz") { scan in
      scan.gzipped + Array("<html>".utf8)
    },
    Damage(leniency: "pixdim-abs", failure: "E_HDR_PIXDIM", finding: "pixdim-negative", file: "a.nii") { scan in
      var scan = scan
      scan.spacing = [1, -1, 1]
      return scan.bytes
    },
    Damage(leniency: "pixdim-zero", failure: "E_HDR_PIXDIM", finding: "pixdim-zero", file: "a.nii") { scan in
      var scan = scan
      scan.spacing = [1, 1, 0]
      return scan.bytes
    },
    Damage(leniency: "by-content", failure: "E_FMT_MISMATCH", finding: "format-by-content", file: "a.nii.gz") { scan in
      scan.bytes
    },
    Damage(leniency: "by-content", failure: "E_FMT_MISMATCH", finding: "format-by-content", file: "a.nii") { scan in
      scan.gzipped
    },
  ]

  private static let all = ["vox-offset-zero", "trailing-bytes", "pixdim-abs", "pixdim-zero", "by-content"]

  private func run(_ damage: Damage?, accepting: [String]) throws -> (outcome: Outcome, scratch: Scratch) {
    let scratch = try Scratch()
    let sound = TinyScan.noise(7, 6, 5)
    try scratch.write(damage?.content(sound) ?? sound.bytes, to: "in/\(damage?.file ?? "a.nii")")
    var job = TestJob()
    job.filters = #"[{"filter": "gaussian", "fwhm_mm": 2.5}]"#
    job.policy = "{\"headers\": \"strict\", \"accept\": [\(accepting.map { "\"\($0)\"" }.joined(separator: ", "))]}"
    try scratch.write(job)
    return (try scratch.medfilter("run", "job.json"), scratch)
  }

  @Test(arguments: damages)
  func `damage is refused with the leniency that would let it pass, and no other leniency does`(damage: Damage) throws {
    let (outcome, scratch) = try run(damage, accepting: Self.all.filter { $0 != damage.leniency })
    outcome.expect(status: 3)
    #expect(scratch.outputs() == [])
    #expect(outcome.stderr.contains(damage.failure), "\(outcome)")
    #expect(outcome.stderr.contains("policy.accept \"\(damage.leniency)\" lets it pass"), "\(outcome)")
  }

  @Test(arguments: damages)
  func `what is accepted gives the voxels of the sound scan, and is recorded`(damage: Damage) throws {
    let (outcome, scratch) = try run(damage, accepting: Self.all)
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains(damage.finding), "\(outcome)")
    let record = try #require(try scratch.records().first { $0["type"] as? String == "output" })
    #expect(record["accepted"] as? [String] == [damage.leniency])
    let findings = record["findings"] as? [[String: String]]
    #expect(findings?.contains { $0["code"] == damage.finding } == true)
    let (_, sound) = try run(nil, accepting: [])
    #expect(scratch.scan("out/a.nii")?.values == sound.scan("out/a.nii")?.values)
  }

  @Test func `a sound scan needs no leniency`() throws {
    let (outcome, scratch) = try run(nil, accepting: Self.all)
    outcome.expect(status: 0)
    let record = try #require(try scratch.records().first { $0["type"] as? String == "output" })
    #expect(record["accepted"] as? [String] == [])
  }
}
