import ArgumentParser
import Jobs
import StrictJSON
import VolumeIO
import Volumes

/// `medfilter inspect FILE...`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show header, checks and findings of scans; reads each to its last byte.",
    discussion: "Exit status 65 means that at least one scan is damaged or unsupported; each is named with the reason.")

  @Argument(
    help: ArgumentHelp("Scans: .nii, .nii.gz, .nii.zst, or either file of a .hdr/.img pair.", valueName: "file"),
    completion: .file())
  var files: [String]

  @OptionGroup var speech: SpeechOptions

  func run() throws {
    StopSignals.endAtOnce(json: speech.json)
    let inspected = files.map { file in
      (file: file, result: Result { () throws(ScanFailure) in try Inspection(of: file) })
    }
    if speech.json {
      Terminal.output(JSONOutput.array(inspected.map { document($0.file, $0.result) }).encoded() + "\n")
    } else {
      inspected.forEach { tell($0.file, $0.result) }
    }
    if inspected.contains(where: { (try? $0.result.get()) == nil }) { throw ExitCode(ExitStatus.badData.rawValue) }
  }

  private func tell(_ file: String, _ result: Result<Inspection, ScanFailure>) {
    switch result {
    case .failure(let failure): speech.messages.failure(failure, of: file, "\(file): \(failure)")
    case .success(let inspection):
      let rows = inspection.facts.map { ($0.name, $0.value) }
      Terminal.output("\(Terminal.harmless(file))\n\(Table.aligned(rows, indent: 2))\n")
      for finding in inspection.findings {
        speech.messages.warning(
          "\(file): \(finding.code): \(finding.detail)", Messages.Facts(code: finding.code, scan: file))
      }
    }
  }

  private func document(_ file: String, _ result: Result<Inspection, ScanFailure>) -> JSONOutput {
    switch result {
    case .failure(let failure):
      .object(Document.inspect.head + [("file", .string(file)), ("sound", .bool(false))] + failure.members)
    case .success(let inspection):
      .object(
        Document.inspect.head + [
          ("file", .string(file)), ("sound", .bool(true)), ("facts", .object(inspection.numbers)),
          ("findings", .array(inspection.findings.map(\.json))),
        ])
    }
  }
}
