import ArgumentParser
import DurableIO
import Jobs
import Provenance
import StrictJSON

/// `medfilter replay LOG`
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Recompute recorded outputs and compare their voxels with the log.",
    discussion: """
      Reads the inputs that the log names, repeats what it records, and compares the digests of the voxels; writes \
      nothing. Exit status 65 means that some outputs differ or cannot be recomputed; each is named.
      """)

  @Argument(
    help: ArgumentHelp("The log: provenance.jsonl in the output root.", valueName: "log"),
    completion: .file(extensions: ["jsonl"]))
  var log: String

  @Option(
    help: ArgumentHelp(
      "The folder that holds the recorded scans; default: the job's input root.", valueName: "folder"),
    completion: .directory)
  var inputs: String?

  @Flag(help: "Follow symbolic links out of that folder; default: only if a job given with --job does.")
  var followLinks = false

  @Option(
    help: ArgumentHelp(
      "A job file of the recorded runs; needed if it names masks or weights. May be repeated.",
      valueName: "job.json"),
    completion: .file(extensions: ["json"]))
  var job: [String] = []

  @Option(help: ArgumentHelp("Recompute at most this many outputs, spread evenly over the log.", valueName: "n"))
  var sample: Int?

  @OptionGroup var resources: ResourceOptions
  @OptionGroup var speech: SpeechOptions

  func validate() throws {
    if let sample, sample < 1 { throw ValidationError("--sample: expected at least 1, found \(sample)") }
  }

  func run() throws {
    StopSignals.endAtOnce(json: speech.json)
    let history = try wholeLog()
    do {
      var count = 0
      let report = try LogReplay(history, options: options).run { output, problem in
        count += 1
        speech.messages.note("[\(count)] \(output): \(Self.outcome(problem))")
      }
      try tell(report)
    } catch let refusal as JobRefusal {
      throw speech.tell(refusal)
    }
  }

  private var options: LogReplay.Options {
    var options = LogReplay.Options()
    (options.inputRoot, options.jobs, options.resources) = (inputs, job, resources.overrides)
    options.most = sample ?? .max
    (options.followsLinks, options.folder) = (followLinks, LogPlace.split(log).folder)
    return options
  }

  /// A replay rests on the log, so the log is looked at first.
  private func wholeLog() throws -> LogHistory {
    var options = LogVerifier.Options()
    options.outputs = false
    do {
      let report = try LogVerifier.verify(logPath: log, options: options)
      guard !report.damage.isEmpty else {
        if report.state != .whole {
          speech.messages.warning("\(log): a run is going on or was cut off; what is recorded so far is computed")
        }
        return report.history
      }
      throw speech.refuse(
        .badData, "E_LOG",
        report.damage.map { "\(log): \($0)" } + ["\(log): the log is not whole; nothing was computed"])
    } catch let failure as DurableFailure {
      throw speech.refusal(failure, of: log)
    }
  }

  private static func outcome(_ problem: Problem?) -> String {
    guard let problem else { return "the same voxels" }
    return problem.kind == .earlierRule ? "made by an earlier rule" : "not as recorded"
  }

  private func tell(_ report: LogReplay.Report) throws {
    if speech.json { Terminal.output(document(report).encoded() + "\n") }
    report.problems.forEach { speech.messages.error("\(log): \($0)") }
    report.earlier.forEach { speech.messages.warning("\(log): \($0); medfilter run makes it again") }
    guard report.problems.isEmpty else { throw ExitCode(ExitStatus.badData.rawValue) }
    if !speech.json { Terminal.output("\(log): \(sentence(report))\n") }
  }

  private func sentence(_ report: LogReplay.Report) -> String {
    let same =
      "\(Wording.count(report.outputs - report.earlier.count, "output")) computed again, all voxels as recorded"
    return report.earlier.isEmpty ? same : same + "; \(report.earlier.count) made by an earlier rule, not computed"
  }

  private func document(_ report: LogReplay.Report) -> JSONOutput {
    .object(
      Document.replay.head + [
        ("same", .bool(report.problems.isEmpty)), ("outputs", .int(report.outputs)),
        ("problems", .array(report.problems.map(\.json))),
      ] + (report.earlier.isEmpty ? [] : [("earlier_rule", .array(report.earlier.map(\.json)))]))
  }
}
