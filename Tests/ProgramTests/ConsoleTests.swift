import Foundation
import Testing

/// Who gets told what, where.
@Suite struct ConsoleTests {
  @Test func `help lists the commands that exist, and each has help of its own`() throws {
    let scratch = try Scratch()
    let outcome = try scratch.medfilter("--help")
    outcome.expect(status: 0)
    let section = try #require(outcome.stdout.split(separator: "SUBCOMMANDS:\n").last)
    // A command's name is indented by two, its sentence by more.
    let commands = section.split(separator: "\n").compactMap { line -> String? in
      guard line.hasPrefix("  "), !line.hasPrefix("   "), !line.contains("See '") else { return nil }
      return line.split(separator: " ").first.map(String.init)
    }
    #expect(Set(commands).isSuperset(of: ["run", "plan", "inspect", "verify"]))
    for command in commands {
      let help = try scratch.medfilter(command, "--help")
      help.expect(status: 0)
      #expect(help.stdout.contains("USAGE: medfilter \(command)"), "\(command)")
    }
    for absent in ["submit", "merge", "replay"] where !commands.contains(absent) {
      try scratch.medfilter(absent).expect(status: 64)
    }
  }

  @Test func `the version is told on standard output`() throws {
    let outcome = try Scratch().medfilter("--version")
    outcome.expect(status: 0)
    #expect(outcome.stdout.hasPrefix("medfilter ") && outcome.stderr.isEmpty, "\(outcome)")
  }

  @Test(arguments: ["auto", "plain", "json", "none"])
  func `no escape codes where no terminal is`(style: String) throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--progress", style)
    outcome.expect(status: 0)
    #expect(!outcome.stderr.contains("\u{1B}") && !outcome.stderr.contains("\r") && outcome.stdout.isEmpty)
  }

  @Test(arguments: ["plain", "json", "none", "bar"])
  func `a file's name can neither forge a message nor drive a terminal`(style: String) throws {
    let scratch = try Scratch()
    let name = "a\nmedfilter: all is well\u{1B}]0;title\u{7}\u{202E}"
    try scratch.write(.noise(4, 4, 4), to: "in/\(name).nii")
    try scratch.write([1, 2, 3], to: "in/\(name)-bad.nii")
    try scratch.write(TestJob())
    let outcome = try scratch.medfilter("run", "job.json", "--progress", style)
    outcome.expect(status: 3)
    #expect(scratch.outputs() == ["\(name).nii"], "\(outcome)")
    #expect(!outcome.stderr.contains("\nmedfilter: all is well") && outcome.stderr.contains("E_"))
    // JSON is for programs, which know no direction of writing.
    let dangerous = (style == "json" ? "\u{1B}\u{7}" : "\u{1B}\u{7}\u{202E}").unicodeScalars
    let codes = outcome.stderr.replacing("\u{1B}[K", with: "").unicodeScalars.filter(dangerous.contains)
    #expect(codes.isEmpty, "\(outcome.stderr.debugDescription)")
    #expect(try scratch.records().contains { $0["scan"] as? String == "\(name)-bad.nii" })
  }

  /// What the program writes to a terminal, which `script` makes.
  private func seenOnTerminal(_ variables: [String: String]) throws -> String {
    let scratch = try Scratch.threeScans()
    scratch.environment = variables
    let outcome = try scratch.medfilter(under: ["/bin/sh", "-c", #"exec script -qec "$0 run job.json" /dev/null"#])
    outcome.expect(status: 0)
    #expect(outcome.stdout.contains("3 scans: 3 done"), "\(outcome)")
    return outcome.stdout
  }

  /// Containers may come without /dev/pts.
  private static let hasTerminals =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/script")
    && FileManager.default.fileExists(atPath: "/dev/pts/ptmx")

  @Test(.enabled(if: hasTerminals, "the command `script` or /dev/pts is missing"), arguments: [[:], ["NO_COLOR": "1"]])
  func `a terminal gets a bar without colours`(variables: [String: String]) throws {
    let text = try seenOnTerminal(variables.merging(["TERM": "xterm"]) { $1 })
    #expect(text.contains("╌") && text.contains("\u{1B}[K"))
    #expect(text.firstMatch(of: /\x1B\[[0-9;]*m/) == nil)
  }

  @Test(.enabled(if: hasTerminals, "the command `script` or /dev/pts is missing"))
  func `a terminal that cannot move its cursor gets plain lines`() throws {
    let text = try seenOnTerminal(["TERM": "dumb"])
    #expect(!text.contains("\u{1B}") && text.contains("[1/3] a.nii: done"))
  }

  @Test func `plain progress is a line per scan`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--progress", "plain")
    for line in ["[1/3] a.nii: done", "[2/3] sub/b.nii.gz: done", "[3/3] sub/c.nii: done"] {
      #expect(outcome.stderr.contains(line))
    }
  }

  @Test func `a bar that was asked for is drawn and taken away again`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--progress", "bar")
    #expect(outcome.stderr.contains("╌") && outcome.stderr.contains("\r\u{1B}[K"))
    let last = try #require(outcome.stderr.split(separator: "\u{1B}[K").last)
    let lines = last.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("medfilter: head "))
    #expect(lines[1].hasPrefix("medfilter: the outputs lie in "))
    #expect(lines[2].hasPrefix("medfilter: test: 3 scans: 3 done"))
  }

  @Test func `no progress leaves the log's head and the closing sentence`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--progress", "none")
    let lines = outcome.stderr.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasPrefix("medfilter: head ") && lines[2].hasPrefix("medfilter: test: 3"))
    let quiet = try scratch.medfilter("run", "job.json", "--quiet")
    #expect(quiet.stderr.isEmpty && quiet.stdout.isEmpty)
  }

  @Test func `json progress and messages are one object per line`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([1], to: "in/broken.nii")
    let outcome = try scratch.medfilter("run", "job.json", "--progress", "json", "--log-format", "json")
    outcome.expect(status: 3)
    var events: [String] = []
    for line in outcome.stderr.split(separator: "\n") {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      if let event = object["event"] as? String { events.append(event) }
    }
    #expect(events.first == "started" && events.last == "finished")
    #expect(events.count { $0 == "scan_finished" } == 4)
  }

  @Test func `the summary document is all that goes to standard output`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("run", "job.json", "--json")
    let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    #expect(document?["done"] as? Int == 3)
    let kept = try JSONSerialization.jsonObject(with: Data(scratch.bytes("out/summary.json") ?? [])) as? [String: Any]
    #expect(kept?["done"] as? Int == 3)
  }

  @Test(arguments: [[0], [1], [2], [0, 1, 2]] as [[Int32]])
  func `closed standard streams change nothing in the files`(closed: [Int32]) throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").require(status: 0)
    let expected = Scratch.threeOutputs.map { scratch.bytes("out/\($0)") }
    try scratch.remove("out")
    let outcome = try scratch.start(["run", "job.json", "--progress", "bar", "--json"], closing: closed).finish()
    outcome.expect(status: 0)
    #expect(Scratch.threeOutputs.map { scratch.bytes("out/\($0)") } == expected)
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
  }

  @Test func `an empty environment changes nothing in the files`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").require(status: 0)
    let expected = Scratch.threeOutputs.map { scratch.bytes("out/\($0)") }
    try scratch.remove("out")
    let emptied = ["/usr/bin/env", "-i"] + Instruments.variables.map { "\($0)=\($1)" }
    let outcome = try scratch.medfilter("run", "job.json", under: emptied)
    outcome.expect(status: 0)
    #expect(Scratch.threeOutputs.map { scratch.bytes("out/\($0)") } == expected)
  }

  @Test func `a reader that goes away does not stop the run`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter(
      under: ["/bin/sh", "-c", #""$0" run job.json --json --progress json 2>&1 | true"#])
    outcome.expect(status: 0)
    for _ in 0..<500 where !scratch.listing("out").contains("summary.json") { usleep(10_000) }
    #expect(scratch.outputs() == Scratch.threeOutputs)
  }
}
