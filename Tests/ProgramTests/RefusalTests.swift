import Foundation
import Glibc
import Testing

/// What is refused before anything is started, and with which status.
@Suite struct RefusalTests {
  private func expectRefused(
    _ scratch: Scratch, _ arguments: [String], status: Int32, telling parts: [String] = []
  ) throws {
    let before = scratch.listing()
    let outcome = try scratch.start(arguments).finish()
    outcome.expect(status: status, "\(arguments)")
    #expect(outcome.stdout.isEmpty)
    for part in parts { #expect(outcome.stderr.contains(part), "\(outcome.stderr)") }
    #expect(scratch.listing() == before, "something was written")
  }

  @Test(arguments: [
    ["run"], ["run", "job.json", "--nope"], ["nope"], ["run", "missing.json"], ["run", "in"],
    ["run", "job.json", "--threads", "-1"], ["run", "job.json", "--threads", "many"], ["run", "job.json", "more.json"],
    ["run", "job.json", "--memory", "8 apples"], ["run", "job.json", "--progress", "loud"], ["verify"], ["inspect"],
  ])
  func `a wrong command line is 64`(arguments: [String]) throws {
    let scratch = try Scratch.threeScans()
    try expectRefused(scratch, arguments, status: 64)
  }

  @Test(arguments: [
    (["runn", "job.json"], 64, #"unknown command "runn"; did you mean "run"?"#),
    (
      ["run", "missing.json"], 64,
      "missing.json: expected a job file of at most 16 MiB that can be read, found no such file"
    ),
    (["plan", "in"], 64, "found a folder"),
    (["verify", "in"], 66, "provenance.jsonl"), (["replay", "in"], 66, "provenance.jsonl"),
  ])
  func `a wrong name says what is there`(arguments: [String], status: Int32, sentence: String) throws {
    try expectRefused(try Scratch.threeScans(), arguments, status: status, telling: [sentence])
  }

  @Test func `every error of a job file is told at once, with its place`() throws {
    let scratch = try Scratch.threeScans { $0.filters = #"[{"filter": "gaussian", "sigm_mm": 2}, {"filter": "blur"}]"# }
    try expectRefused(
      scratch, ["run", "job.json"], status: 64,
      telling: [#"job.json: filters[0].sigm_mm: unknown key; did you mean "sigma_mm"?"#, "filters[1].filter"])
  }

  @Test func `a job that is a FIFO does not hang`() throws {
    let scratch = try Scratch.threeScans()
    mkfifo(scratch.place("fifo.json"), 0o644)
    try expectRefused(scratch, ["run", "fifo.json"], status: 64)
  }

  @Test func `an instruction set that the machine cannot have is 64`() throws {
    let scratch = try Scratch.threeScans()
    scratch.environment["MEDFILTER_ISA"] = "sse9"
    try expectRefused(scratch, ["run", "job.json"], status: 64, telling: ["MEDFILTER_ISA"])
  }

  private func expectRefused(underLimit limit: String, of word: String) throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", under: ["/usr/bin/prlimit", limit])
    outcome.expect(status: 64)
    #expect(outcome.stderr.contains("the limit on \(word)"), "\(outcome)")
    #expect(scratch.listing().contains("out") == false)
  }

  @Test func `a limit on open files that no run fits into is 64, with the numbers`() throws {
    try expectRefused(underLimit: "--nofile=12", of: "open files")
  }

  @Test(.disabled(if: Instruments.takeMemory, "no sanitizer fits into that address space"))
  func `a limit on the address space that no run fits into is 64, with the numbers`() throws {
    try expectRefused(underLimit: "--as=200000000", of: "address space")
  }

  @Test func `no input is 66`() throws {
    let scratch = try Scratch.threeScans { $0.input = #"{"root": "in", "include": ["**/*_bold.nii"]}"# }
    try expectRefused(scratch, ["run", "job.json"], status: 66, telling: ["no scan matched"])
    var job = TestJob()
    job.input = #"{"root": "nowhere"}"#
    try scratch.write(job)
    try expectRefused(scratch, ["run", "job.json"], status: 66)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 66)
  }

  @Test(arguments: ["in", ".", "in/../in", "linked"])
  func `an output root that is the input root or holds it is 64`(root: String) throws {
    let scratch = try Scratch.threeScans { $0.outputRoot = root }
    try scratch.link("linked", to: "in")
    try expectRefused(scratch, ["run", "job.json"], status: 64, telling: ["output.root"])
  }

  @Test func `an output place that cannot be used is 73`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([1], to: "out")
    try expectRefused(scratch, ["run", "job.json"], status: 73, telling: ["output.root"])
    try scratch.remove("out")
    try scratch.link("out", to: "elsewhere")
    try expectRefused(scratch, ["run", "job.json"], status: 73)
    try FileManager.default.createDirectory(atPath: scratch.place("elsewhere"), withIntermediateDirectories: true)
    try expectRefused(scratch, ["run", "job.json"], status: 73)
  }

  @Test func `an output place that may not be written is 73`() throws {
    let scratch = try Scratch.threeScans { $0.outputRoot = "/proc/sys/out" }
    try expectRefused(scratch, ["run", "job.json"], status: 73, telling: ["output.root"])
  }

  @Test func `a log that does not hold together takes nothing more`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json")
    let log = scratch.text("out/provenance.jsonl").replacing("run_start", with: "run_stars")
    try scratch.write(Array(log.utf8), to: "out/provenance.jsonl")
    try expectRefused(scratch, ["run", "job.json", "--force"], status: 74, telling: ["log"])
  }
}
