import ArgumentParser
import DurableIO
import Jobs
import Provenance
import StrictJSON

/// `medfilter verify LOG`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that the provenance log is whole, and that the files still match it.",
    discussion: """
      Finds edited, deleted, reordered and added lines, a log that is shorter than its head says, and outputs that are \
      missing or changed. Exit status 0: all holds. 65: something does not; each problem is named with its line.
      """)

  @Argument(
    help: ArgumentHelp("The log: provenance.jsonl in the output root.", valueName: "log"),
    completion: .file(extensions: ["jsonl"]))
  var log: String

  @Option(
    help: ArgumentHelp("Also compare the inputs beneath this folder, the job's input root.", valueName: "folder"),
    completion: .directory)
  var inputs: String?

  @Flag(inversion: .prefixedNo, help: "Compare the outputs with the log.")
  var outputs = true

  @OptionGroup var speech: SpeechOptions

  func run() throws {
    var options = LogVerifier.Options()
    options.outputs = outputs
    options.inputRoot = inputs
    let report: VerifyReport
    do throws(DurableFailure) {
      report = try LogVerifier.verify(logPath: log, options: options)
    } catch {
      speech.messages.error("\(log): \(error)")
      throw ExitCode((error.isMissing ? ExitStatus.noInput : .badData).rawValue)
    }
    try tell(report)
  }

  private func tell(_ report: VerifyReport) throws {
    if speech.json { Terminal.output(document(report).encoded() + "\n") }
    report.problems.forEach { speech.messages.error("\(log): \($0)") }
    report.warnings.forEach { speech.messages.warning("\(log): \($0)") }
    guard report.isWhole else { throw ExitCode(ExitStatus.badData.rawValue) }
    if !speech.json { Terminal.output(sentence(report) + "\n") }
  }

  private func sentence(_ report: VerifyReport) -> String {
    var parts = ["\(log): whole: \(Wording.count(report.lines, "line"))"]
    if outputs { parts.append("\(Wording.count(report.outputsChecked, "output")) as recorded") }
    if inputs != nil { parts.append("\(Wording.count(report.inputsChecked, "input")) as recorded") }
    return parts.joined(separator: ", ")
  }

  private func document(_ report: VerifyReport) -> JSONOutput {
    .object([
      ("whole", .bool(report.isWhole)), ("log_id", report.logID.map { .string($0) } ?? .null),
      ("lines", .int(report.lines)), ("outputs_checked", .int(report.outputsChecked)),
      ("inputs_checked", .int(report.inputsChecked)),
      ("problems", .array(report.problems.map(\.json))), ("warnings", .array(report.warnings.map(\.json))),
    ])
  }
}

extension Problem {
  fileprivate var json: JSONOutput {
    .object([
      ("line", line.map { .int($0) } ?? .null), ("kind", .string(kind.rawValue)), ("expected", .string(expected)),
      ("found", .string(found)),
    ])
  }
}
