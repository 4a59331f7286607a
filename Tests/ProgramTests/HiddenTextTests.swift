import Testing

/// Jobs that are wrong tell what is wrong without the texts in them, once they ask for keyed names.
@Suite struct HiddenTextTests {
  private static let parts: [String: String] = [
    "input": #"{"root": "in"}"#, "filters": #"[{"filter": "box", "size_vox": 3}]"#, "output": #"{"root": "out"}"#,
  ]

  @Test(arguments: [
    ("input", #"{"root": "in", "include": ["CANARY/../x"]}"#, "input.include[0]"),
    ("input", #"{"root": "in", "include": ["a**CANARY"]}"#, "input.include[0]"),
    ("input", #"{"root": "in", "include": ["[CANARY"]}"#, "input.include[0]"),
    ("input", #"{"root": "~CANARY/in"}"#, "input.root"),
    ("input", #"{"root": "in", "CANARY": 1}"#, "input: unknown key"),
    ("input", #"{"root": "in", "symlinks": "CANARY"}"#, "input.symlinks"),
    ("input", #"{"root": "CANARY/in"}"#, "input.root: expected a folder"),
    ("output", #"{"root": "in/../in/CANARY/.."}"#, "output.root"),
    ("output", #"{"root": "out", "name": "CANARY/{stem}"}"#, "output.name"),
    ("output", #"{"root": "out", "name": "CANARY.nii"}"#, "output.name"),
    ("output", #"{"root": "out", "format": ["CANARY"]}"#, "output.format"),
    ("filters", #"[{"filter": "CANARY"}]"#, "filters[0].filter"),
    ("filters", #"[{"filter": "mask", "file": "~CANARY.nii"}]"#, "filters[0].file"),
    ("filters", #"[{"filter": "kernel", "file": "CANARY.json"}]"#, "filters[0].file"),
    ("filters", #"[{"filter": "kernel", "file": "kernel.json"}]"#, "filters[0].file"),
    ("filters", #"[{"filter": "box", "size_vox": 3, "axes": ["CANARY"]}]"#, "filters[0].axes"),
    ("filters", #"[{"filter": "box", "size_vox": 3, "axes": ["CANARY", "CANARY"]}]"#, "filters[0].axes"),
  ])
  func `a wrong job's sentences name the place, not the text`(part: String, text: String, place: String) throws {
    let scratch = try Scratch()
    try scratch.write(.noise(4, 4, 4), to: "in/a.nii")
    try scratch.write(Array(#"{"weights": [1, 2, 1], "mode": "CANARY", "CANARY": 1}"#.utf8), to: "kernel.json")
    try scratch.write(Array("0123456789abcdef".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    let parts = Self.parts.merging([part: text]) { $1 }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
    for (names, isHidden) in [("hmac", true), ("relative", false)] {
      let job = #"{"medfilter": 1, "name": "a", "policy": {"names": "\#(names)"}, \#(parts)}"#
      try scratch.write(Array(job.utf8), to: "job.json")
      for command in ["plan", "run"] {
        let outcome = try scratch.medfilter(command, "job.json")
        outcome.expect(statusAmong: [64, 66])
        guard isHidden else { continue }
        #expect(outcome.stderr.contains(place) && !outcome.stderr.contains("CANARY"), "\(outcome)")
      }
    }
  }

  @Test func `an output place that cannot be used is not named`() throws {
    let scratch = try Scratch.threeScans {
      $0.policy = #"{"names": "hmac"}"#
      $0.outputRoot = "CANARY-out"
      $0.output = #", "name": "CANARY""#
    }
    try scratch.write(Array("0123456789abcdef".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    let collision = try scratch.medfilter("run", "job.json")
    collision.expect(status: 3)
    #expect(!collision.stderr.contains("CANARY"), "\(collision)")
    try scratch.write(
      {
        var job = TestJob(); job.policy = #"{"names": "hmac"}"#; job.outputRoot = "CANARY-out"; return job
      }())
    try scratch.remove("CANARY-out")
    try scratch.write([1], to: "CANARY-out")
    let unusable = try scratch.medfilter("run", "job.json")
    unusable.expect(status: 73)
    #expect(!unusable.stderr.contains("CANARY"), "\(unusable)")
    try scratch.remove("CANARY-out")
    try scratch.write([1], to: "CANARY-out/sub")
    let blocked = try scratch.medfilter("run", "job.json")
    blocked.expect(status: 3)
    #expect(blocked.stderr.contains("E_OUT_ESCAPE"), "\(blocked)")
    #expect(!blocked.stderr.contains("CANARY"))
  }
}
