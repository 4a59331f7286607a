import Foundation
import Glibc
import Testing

/// Planted texts never leave the archive: not in messages, progress, log, summary or plan, and not in outputs whose text
/// is cleared.
@Suite struct CanaryTests {
  private struct Hideout {
    var canaries = Canaries()
    let scratch: Scratch
    let (input, output, anchors): (String, String, String)
    var job = TestJob()

    init() throws {
      scratch = try Scratch()
      (input, output, anchors) = (canaries.plant(), canaries.plant(), canaries.plant())
      try FileManager.default.createDirectory(atPath: scratch.place(anchors), withIntermediateDirectories: true)
      try canaries.plantArchive(in: scratch, root: input)
      let mask = canaries.plant()
      let kernel = canaries.plant()
      try scratch.write(
        TinyScan(dims: [6, 5, 4], type: .uint8, values: Array(repeating: 1, count: 120)), to: "\(mask).nii")
      try scratch.write(Array(#"{"weights": [1, 2, 1], "normalise": "sum"}"#.utf8), to: "\(kernel).json")
      let key = canaries.plant()
      try scratch.write(Array("\(key)-the-site-key".utf8), to: "site.key")
      chmod(scratch.place("site.key"), 0o600)
      scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
      for name in ["HOME", "USER", "PATIENT"] { scratch.environment[name] = canaries.plant() }
      job.input = #"{"root": "\#(input)", "exclude": ["\#(canaries.plant())/**"]}"#
      job.outputRoot = output
      job.output = #", "name": "{stem}_\#(canaries.plant())""#
      job.filters = #"[{"filter": "kernel", "file": "\#(kernel).json"}, {"filter": "mask", "file": "\#(mask).nii"}]"#
      job.policy = #"{"names": "hmac", "accept": ["trailing-bytes"], "extensions": "drop", "text_fields": "clear"}"#
      try scratch.write(job)
    }

    func check(_ text: String, _ place: String) {
      let found = canaries.found(in: Array(text.utf8))
      #expect(found.isEmpty, "\(place) tells \(found): \(text)")
    }

    /// Runs the program and looks at all that it says.
    @discardableResult
    func run(_ arguments: String...) throws -> Outcome {
      let outcome = try scratch.start(arguments).finish()
      check(outcome.stdout, "stdout of \(arguments)")
      check(outcome.stderr, "stderr of \(arguments)")
      return outcome
    }

    /// The files beside the outputs that others may see.
    func checkRecords() {
      for name in ["provenance.jsonl", "provenance.head", "summary.json", ".medfilter/lock"] {
        check(scratch.text("\(output)/\(name)"), name)
      }
      for name in scratch.listing(anchors) { check(name + scratch.text("\(anchors)/\(name)"), "an anchor") }
    }

    /// Has something done to the log, whose own path is what the caller gives and is told again.
    func withLog(_ command: String, _ options: String...) throws -> Outcome {
      let log = "\(output)/provenance.jsonl"
      let outcome = try scratch.start([command, log] + options).finish()
      check((outcome.stdout + outcome.stderr).replacing(log, with: ""), command)
      return outcome
    }

    func verify() throws -> Outcome { try withLog("verify", "--inputs", input, "--decode") }
  }

  @Test func `forty canaries stay in the archive`() throws {
    let hideout = try Hideout()
    #expect(hideout.canaries.planted.count >= 40)
    try hideout.run("plan", "job.json")
    try hideout.run("plan", "job.json", "--json", "--log-format", "json")
    for style in ["bar", "plain", "json", "none"] {
      let outcome = try hideout.run(
        "run", "job.json", "--force", "--progress", style, "--timings", "--syslog", "--anchor", hideout.anchors)
      outcome.expect(status: 3)
      hideout.checkRecords()
    }
    let outcome = try hideout.run("run", "job.json", "--json", "--log-format", "json")
    #expect(outcome.stdout.contains("\"up_to_date\":10"), "\(outcome)")
    hideout.checkRecords()
    #expect(!hideout.scratch.listing(hideout.anchors).isEmpty)
    try hideout.verify().expect(status: 0)
    let replayed = try hideout.withLog("replay", "--job", "job.json")
    replayed.expect(status: 0)
    _ = try hideout.withLog("replay", "--json")
  }

  @Test func `a verifier that finds outputs changed, missing and added does not name them`() throws {
    let hideout = try Hideout()
    try hideout.run("run", "job.json")
    let outputs = hideout.scratch.outputs(hideout.output).map { "\(hideout.output)/\($0)" }
    try hideout.scratch.write([1, 2, 3], to: outputs[0])
    try hideout.scratch.remove(outputs[1])
    try hideout.scratch.write([4, 5, 6], to: outputs[2].replacing(".nii", with: "-added.nii"))
    try hideout.verify().expect(status: 65)
    try hideout.run("run", "job.json").expect(status: 3)
  }

  @Test(arguments: ["nii", "nii.gz", "nii.zst"])
  func `outputs whose text is cleared and whose extensions are dropped hold no canary`(format: String) throws {
    var hideout = try Hideout()
    hideout.job.format = format
    try hideout.scratch.write(hideout.job)
    try hideout.run("run", "job.json")
    let outputs = hideout.scratch.outputs(hideout.output)
    #expect(outputs.count == 10)
    for output in outputs {
      let bytes = try #require(hideout.scratch.bytes("\(hideout.output)/\(output)"))
      #expect(hideout.canaries.found(in: bytes) == [], "\(output)")
    }
  }

  @Test func `the canaries can be found where they may be`() throws {
    let hideout = try Hideout()
    try hideout.run("run", "job.json")
    let map = hideout.scratch.text("\(hideout.output)/names.jsonl")
    #expect(hideout.canaries.found(in: Array(map.utf8)).count > 10)
    try hideout.scratch.write(
      {
        var job = hideout.job; job.policy = "{}"; job.outputRoot = "open"; return job
      }())
    let open = try hideout.scratch.medfilter("run", "job.json")
    #expect(hideout.canaries.found(in: Array(open.stderr.utf8)).count > 10)
  }

  @Test func `reading scans one by one tells nothing of their headers`() throws {
    let hideout = try Hideout()
    let files = hideout.scratch.listing(hideout.input).filter { $0.hasSuffix(".nii") || $0.hasSuffix(".gz") }
    var inspected = 0
    for (index, file) in files.enumerated() {
      // A folder, or a link to nowhere.
      guard let bytes = hideout.scratch.bytes("\(hideout.input)/\(file)") else { continue }
      let name = "plain-\(index).nii" + (file.hasSuffix(".gz") ? ".gz" : "")
      try hideout.scratch.write(bytes, to: name)
      try hideout.run("inspect", name)
      try hideout.run("inspect", "--json", name)
      inspected += 1
    }
    #expect(inspected >= 10)
  }
}
