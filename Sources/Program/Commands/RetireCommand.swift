import ArgumentParser
import Jobs
import Provenance
import StrictJSON

/// `medfilter retire LOG SCAN... --reason TEXT`
struct RetireCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire",
    abstract: "Record that scans were withdrawn: they are not used again, and their absence is no longer a finding.",
    discussion: """
      From then on verify does not report the scans or their outputs as missing, replay skips them, and a run that still \
      finds one in the archive fails it with E_IN_WITHDRAWN. The outputs are listed and kept, unless --remove-outputs is \
      given. Exit status 66 means that there is no such log or that it lists no such scan; nothing was recorded.
      """)

  @Argument(
    help: ArgumentHelp("The log: provenance.jsonl in the output root.", valueName: "log"),
    completion: .file(extensions: ["jsonl"]))
  var log: String

  @Argument(
    help: ArgumentHelp(
      "The scans as the log names them: by path below the input root, or by its keyed hash. With the key at hand, the "
        + "path works in either case.", valueName: "scan"))
  var scans: [String]

  @Option(help: ArgumentHelp("The reason; recorded verbatim, so do not name any person.", valueName: "text"))
  var reason: String

  @Flag(help: "Also remove the outputs that were made from the scans, if they are as recorded.")
  var removeOutputs = false

  @Flag(help: "Allow withdrawn scans to be used again.")
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
      let done = scan.isNew ? (readmit ? "readmitted" : "withdrawn") : "no change, already recorded"
      Terminal.output("\(scan.name): \(done)\n")
      for output in scan.outputs { Terminal.output("  \(output.name): \(output.state.rawValue)\n") }
    }
  }
}
