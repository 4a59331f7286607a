import Glibc
import Testing

/// Which scans are found.
@Suite struct SearchTests {
  private func planned(_ scratch: Scratch) throws -> (names: [String], outcome: Outcome) {
    let outcome = try scratch.medfilter("plan", "job.json", "--json")
    return (try PlanDocument(outcome.stdout).scans.map(\.scan), outcome)
  }

  @Test func `an output root inside the input root is never searched`() throws {
    let scratch = try Scratch.threeScans { $0.outputRoot = "in/derivatives/smooth" }
    try scratch.medfilter("run", "job.json").expect(status: 0)
    #expect(scratch.outputs("in/derivatives/smooth") == Scratch.threeOutputs)
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("3 scans: 0 done, 3 up to date"), "\(again)")
  }

  /// One link to a file inside, one to a folder inside, one to a file outside, one to nowhere.
  private func linked(_ policy: String) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(.noise(4, 4, 4, seed: 1), to: "in/.store/x.nii")
    try scratch.write(.noise(4, 4, 4, seed: 2), to: "in/.store/folder/y.nii")
    try scratch.write(.noise(4, 4, 4, seed: 3), to: "elsewhere/z.nii")
    try scratch.link("in/inside.nii", to: ".store/x.nii")
    try scratch.link("in/folder", to: ".store/folder")
    try scratch.link("in/outside.nii", to: "../elsewhere/z.nii")
    try scratch.link("in/nowhere.nii", to: "missing.nii")
    var job = TestJob()
    job.input = #"{"root": "in", "symlinks": "\#(policy)"}"#
    try scratch.write(job)
    return scratch
  }

  @Test func `links within the root are followed, and others are named`() throws {
    let scratch = try linked("within-root")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(scratch.outputs() == ["folder/y.nii", "inside.nii"])
    for name in ["outside.nii", "nowhere.nii"] {
      #expect(outcome.stderr.contains("\(name): failed: E_IN_SYMLINK"), "\(outcome)")
    }
  }

  @Test func `every link that leads to a scan is followed when the job says so`() throws {
    let scratch = try linked("follow")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(scratch.outputs() == ["folder/y.nii", "inside.nii", "outside.nii"])
    #expect(outcome.stderr.contains("nowhere.nii: failed: E_IN_OPEN"), "\(outcome)")
  }

  @Test func `no link is followed when the job says so`() throws {
    let scratch = try linked("refuse")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(scratch.outputs() == [])
    for name in ["folder", "inside.nii", "outside.nii", "nowhere.nii"] {
      #expect(outcome.stderr.contains("\(name): failed: E_IN_SYMLINK"), "\(outcome)")
    }
  }

  @Test func `a folder that links to its own parent does not go round in circles`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.link("in/sub/up", to: "..")
    #expect(try planned(scratch).names == ["a.nii", "sub/b.nii.gz", "sub/c.nii"])
  }

  @Test func `patterns choose, and hidden names are meant only when a pattern says so`() throws {
    let scratch = try Scratch.threeScans { $0.input = #"{"root": "in", "include": ["sub/**"], "exclude": ["**/c*"]}"# }
    #expect(try planned(scratch).names == ["sub/b.nii.gz"])
    try scratch.write(.noise(4, 4, 4), to: "in/.hidden/h.nii")
    var job = TestJob()
    try scratch.write(job)
    #expect(try planned(scratch).names.count == 3)
    job.input = #"{"root": "in", "include": [".hidden/*"]}"#
    try scratch.write(job)
    #expect(try planned(scratch).names == [".hidden/h.nii"])
  }

  @Test func `a name that is not UTF-8 is told and stops nothing`() throws {
    let scratch = try Scratch.threeScans()
    let name = Array(scratch.place("in/bad-").utf8) + [0xFF] + Array(".nii".utf8) + [0]
    let descriptor = name.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_CREAT | O_WRONLY, 0o644) }
    }
    close(descriptor)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(
      outcome.stderr.contains(#"bad-\xff.nii: failed: E_IN_OPEN: file name: expected UTF-8"#), "\(outcome)")
    #expect(outcome.stderr.contains("3 done, 1 failed"))
  }

  @Test func `a folder that cannot be read fails like a scan, unless the job leaves it out`() throws {
    let scratch = try Scratch.threeScans()
    chmod(scratch.place("in/sub"), 0)
    defer { chmod(scratch.place("in/sub"), 0o755) }
    let outcome = try scratch.medfilter("run", "job.json", under: OutputDiskTests.withoutOverride)
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains("sub: failed: E_IN_PERM: cannot read the folder: permission denied"), "\(outcome)")
    #expect(scratch.outputs() == ["a.nii"])
    var job = TestJob()
    for pattern in ["sub", "sub/**"] {
      job.input = #"{"root": "in", "exclude": ["\#(pattern)"]}"#
      try scratch.write(job)
      try scratch.medfilter("run", "job.json", under: OutputDiskTests.withoutOverride).expect(status: 0)
    }
  }

  @Test func `a name with a line end is done, and told on one line`() throws {
    let scratch = try Scratch()
    try scratch.write(.noise(4, 4, 4), to: "in/a\nmedfilter: b.nii")
    try scratch.write(TestJob())
    let outcome = try scratch.medfilter("run", "job.json", "--progress", "plain")
    outcome.expect(status: 0)
    #expect(scratch.outputs() == ["a\nmedfilter: b.nii"])
    #expect(outcome.stderr.contains(#"a\x0amedfilter: b.nii: done"#), "\(outcome)")
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `a name that is too long for its output fails alone`() throws {
    let scratch = try Scratch.threeScans { $0.output = #", "name": "{stem}_desc-smooth""# }
    let long = String(repeating: "n", count: 251) + ".nii"
    try scratch.write(.noise(4, 4, 4), to: "in/\(long)")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(scratch.outputs().count == 3)
    #expect(outcome.stderr.contains("\(long): failed: E_OUT_ESCAPE: output name"), "\(outcome)")
  }

  @Test(arguments: [
    (#""exclude": ["sub"]"#, #"input.exclude[0]: "sub" matches no scan; did you mean "sub/**"?"#),
    (#""exclude": ["sub/"]"#, #"input.exclude[0]: "sub/" matches no scan; did you mean "sub/**"?"#),
    (#""exclude": ["a*", "Sub/**"]"#, #"input.exclude[1]: "Sub/**" matches no scan; did you mean "sub/**"?"#),
    (
      #""include": ["**/*.nii", "sbu/*.nii.gz"]"#,
      #"input.include[1]: "sbu/*.nii.gz" matches no scan; did you mean "sub/*.nii.gz"?"#
    ),
    (#""include": ["**", "nothing-like-it/**"]"#, #"input.include[1]: "nothing-like-it/**" matches no scan"#),
  ])
  func `a pattern that matches nothing is a finding of the job`(patterns: String, sentence: String) throws {
    let scratch = try Scratch.threeScans { $0.input = #"{"root": "in", \#(patterns)}"# }
    for command in ["plan", "run"] {
      let outcome = try scratch.medfilter(command, "job.json")
      outcome.expect(status: 0)
      #expect(outcome.stderr.contains("warning: job.json: \(sentence)\n"), "\(outcome)")
    }
    #expect(scratch.text("out/summary.json").contains("-unused"))
    let findings = try scratch.records().first { $0["type"] as? String == "run_start" }?["findings"] as? [[String: Any]]
    #expect(findings?.first?["detail"] as? String == sentence)
  }

  @Test func `where no scan matches, the patterns and what there is are told`() throws {
    let scratch = try Scratch.threeScans {
      $0.input = #"{"root": "in", "include": ["Sub/*.nii", "x/**"], "exclude": ["q"]}"#
    }
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 66)
    for part in [
      #"include: "Sub/*.nii", "x/**"; exclude: "q""#, #"3 scans lie there, such as "a.nii""#,
      #"did you mean "sub/*.nii"?"#,
    ] {
      #expect(outcome.stderr.contains(part), "\(outcome)")
    }
  }

  @Test func `two jobs of one archive do not filter each other's outputs`() throws {
    let scratch = try Scratch.threeScans { $0.outputRoot = "in/derivatives/a" }
    var other = TestJob()
    other.name = "other"
    other.outputRoot = "in/derivatives/b"
    try scratch.write(other, to: "other.json")
    for night in 1...2 {
      for job in ["job.json", "other.json"] {
        let outcome = try scratch.medfilter("run", job)
        outcome.expect(status: 0)
        #expect(outcome.stderr.contains("3 scans:"), "night \(night): \(outcome)")
        if night == 2 {
          #expect(
            outcome.stderr.contains("not searched: derivatives/\(job == "job.json" ? "b" : "a"): it is an output tree"))
        }
      }
    }
    var named = TestJob()
    named.name = "named"
    named.input = #"{"root": "in", "include": ["derivatives/a/**"]}"#
    try scratch.write(named, to: "named.json")
    let outcome = try scratch.medfilter("run", "named.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("3 scans: 3 done"), "\(outcome)")
  }

  @Test func `a name that is not UTF-8 is told where only a pattern matches it`() throws {
    let scratch = try Scratch.threeScans { $0.input = #"{"root": "in", "include": ["b?d.nii"]}"# }
    let name = Array(scratch.place("in/b").utf8) + [0xE9] + Array("d.nii".utf8) + [0]
    let descriptor = name.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_CREAT | O_WRONLY, 0o644) }
    }
    close(descriptor)
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 3)
    #expect(outcome.stderr.contains(#"b\xe9d.nii: failed: E_IN_OPEN: file name"#), "\(outcome)")
  }
}
