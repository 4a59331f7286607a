import ArgumentParser
import Jobs
import Provenance
import StrictJSON

/// `medfilter retire LOG SCAN... --reason TEXT`
struct RetireCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Record that scans were withdrawn: their absence is then no finding, and they are not used again.",
    discussion: """
      From then on verify does not miss the scans or their outputs, replay leaves them out, and a run that still finds one \
      in the archive fails it with E_IN_WITHDRAWN. The outputs stay where they are, and are named, unless \
      --remove-outputs is given. Exit status 0: recorded, or it was before. 64: the command line is wrong. 66: no such \
      log, or the log knows no such scan; nothing was recorded. 74: the log cannot be continued. 75: a run holds the lock.
      """)

  @Argument(
    help: ArgumentHelp("The log: provenance.jsonl in the output root.", valueName: "log"),
    completion: .file(extensions: ["jsonl"]))
  var log: String

  @Argument(
    help: ArgumentHelp(
      "The scans as the log names them: the path below the input root, or the keyed hash of it. With the key of the "
        + "names, the path does in either case.", valueName: "scan"))
  var scans: [String]

  @Option(help: ArgumentHelp("Why; it goes into the log as it is, so name nobody.", valueName: "text"))
  var reason: String

  @Flag(help: "Also remove the outputs that were made of the scans, where they are as recorded.")
  var removeOutputs = false

  @Flag(help: "Let scans that were withdrawn be used again.")
  var readmit = false

  @OptionGroup var speech: SpeechOptions
  @OptionGroup var guarding: LogOptions

  func validate() throws {
    guard (1...4096).contains(reason.utf8.count) else {
      throw ValidationError("--reason: expected 1 to 4096 bytes of text, found \(reason.utf8.count)")
    }
    if readmit && removeOutputs { throw ValidationError("--readmit and --remove-outputs exclude each other") }
  }

  func run() throws {
    do throws(JobRefusal) {
      var retirement = Retirement(log: log, scans: scans, reason: reason)
      (retirement.removesOutputs, retirement.readmits, retirement.options) = (
        removeOutputs, readmit, try guarding.chosen
      )
      tell(try retirement.record())
    } catch {
      throw speech.tell(error)
    }
  }

  private func tell(_ report: Retirement.Report) {
    report.warnings.forEach { speech.messages.warning("\(log): \($0)") }
    if speech.json { return Terminal.output(report.document.encoded() + "\n") }
    for scan in report.scans {
      let done = scan.isNew ? (readmit ? "readmitted" : "withdrawn") : "no change, that is recorded already"
      Terminal.output("\(scan.name): \(done)\n")
      for output in scan.outputs { Terminal.output("  \(output.name): \(output.state.rawValue)\n") }
    }
  }
}
