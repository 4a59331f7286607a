import ArgumentParser
import ByteStreams
import DurableIO
import Jobs
import Provenance
import StrictJSON

/// `medfilter verify LOG`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that the provenance log is intact and that the files still match it.",
    discussion: """
      Finds edited, deleted, reordered and added lines, a log that is shorter than its head says, outputs that are \
      missing or changed, and scans among them that the log does not list. With a key or with copies of its heads it \
      also finds a log that was rewritten, cut or replaced by an older one. Exit status 75 means that the log is intact \
      as far as it goes, but a run is in progress or was cut off: run the job, then verify again.
      """)

  @Argument(
    help: ArgumentHelp("The log: provenance.jsonl in the output root.", valueName: "log"),
    completion: .file(extensions: ["jsonl"]))
  var log: String

  @Option(
    help: ArgumentHelp("Also compare the inputs in this folder, the job's input root.", valueName: "folder"),
    completion: .directory)
  var inputs: String?

  @Flag(help: "Follow symbolic links out of that folder, whatever the job says about links.")
  var followLinks = false

  @Flag(inversion: .prefixedNo, help: "Compare the outputs with the log.")
  var outputs = true

  @Flag(help: "Also decompress the files that are compared, and compare their voxels.")
  var decode = false

  @Option(
    help: ArgumentHelp(
      "The public key (PEM) that must have signed the heads; repeat it for each key in use.", valueName: "file"),
    completion: .file())
  var key: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Copies of heads that the log must still match: a folder of them, a single one, or the text of a journal. May be \
      repeated.
      """, valueName: "path"),
    completion: .file())
  var anchor: [String] = []

  @OptionGroup var speech: SpeechOptions

  func run() throws {
    StopSignals.endAtOnce(json: speech.json)
    var options = LogVerifier.Options()
    options.outputs = outputs
    options.inputRoot = inputs
    options.inputLinks = followLinks ? .follow : nil
    options.outputNaming = try refusing { () throws(JobRefusal) in try OutputNaming.ofOutputs(inFolderOf: log) }
    if let inputs, HiddenNames.hasKey {
      let names = try refusing { () throws(JobRefusal) in try HiddenInputs(beneath: inputs) }
      options.inputPaths = { names.path(of: $0, links: $1) }
    }
    options.voxels = decode ? RecordedVoxels.digest : nil
    options.keys = try key.map(publicKey)
    options.copies = try anchor.map { path in
      try reading(path) { () throws(DurableFailure) in try HeadCopies(at: path) }
    }
    try tell(reading(log) { () throws(DurableFailure) in try LogVerifier.verify(logPath: log, options: options) })
  }

  /// Reads something that the command line names; a failure ends the command.
  private func reading<Value>(_ path: String, _ read: () throws(DurableFailure) -> Value) throws -> Value {
    do throws(DurableFailure) {
      return try read()
    } catch {
      throw speech.refusal(error, of: path)
    }
  }

  private func refusing<Value>(_ body: () throws(JobRefusal) -> Value) throws -> Value {
    do throws(JobRefusal) {
      return try body()
    } catch {
      throw speech.tell(error)
    }
  }

  private func publicKey(_ path: String) throws -> PublicKey {
    if let key = SmallFile.read(path, limit: 4096).flatMap(PublicKey.init(pem:)) { return key }
    throw speech.refuse(.noInput, "E_KEY", ["\(path): not a readable PEM file with an Ed25519 public key"])
  }

  private func tell(_ report: VerifyReport) throws {
    if speech.json { Terminal.output(document(report).encoded() + "\n") }
    report.damage.forEach { speech.messages.error("\(log): \($0)") }
    report.warnings.forEach { speech.messages.warning("\(log): \($0)") }
    switch report.state {
    case .damaged: throw ExitCode(ExitStatus.badData.rawValue)
    case .running, .unfinished:
      report.unfinished.forEach { speech.messages.note("\(log): \($0)") }
      speech.messages.error("\(log): \(unfinished(report))")
      throw ExitCode(ExitStatus.tryAgain.rawValue)
    case .whole: if !speech.json { Terminal.output(sentence(report) + "\n") }
    }
  }

  private func unfinished(_ report: VerifyReport) -> String {
    let soFar = "whole as far as it goes, \(Wording.count(report.lines, "line"))"
    guard let holder = report.holder else { return "unfinished: run the job, then verify again; \(soFar)" }
    return
      "unfinished: a run is going on\(holder.isEmpty ? "" : " (\(holder))"); verify again when it is done; \(soFar)"
  }

  private func sentence(_ report: VerifyReport) -> String {
    var parts = ["\(log): whole: \(Wording.count(report.lines, "line"))"]
    if report.logs > 1 { parts[0] += " in \(report.logs) logs" }
    if let signer = report.signer { parts.append("signed by \(signer)\(key.isEmpty ? " (as the log says)" : "")") }
    if !anchor.isEmpty { parts.append("\(Wording.count(report.copiesChecked, "kept head")) still true") }
    let recorded = decode ? "as recorded and decompressed" : "as recorded"
    if outputs { parts.append("\(Wording.count(report.outputsChecked, "output")) \(recorded)") }
    if inputs != nil { parts.append("\(Wording.count(report.inputsChecked, "input")) \(recorded)") }
    if report.nestedRoots > 0 {
      parts.append("\(Wording.count(report.nestedRoots, "output root")) in it left to its own log")
    }
    if report.signer == nil { parts.append("not signed") }
    return parts.joined(separator: ", ")
  }

  private func document(_ report: VerifyReport) -> JSONOutput {
    .object(
      Document.verify.head + [
        ("whole", .bool(report.isWhole)), ("state", .string(report.state.rawValue)),
        ("log_id", report.logID.map { .string($0) } ?? .null),
        ("logs", .int(report.logs)), ("lines", .int(report.lines)), ("outputs_checked", .int(report.outputsChecked)),
        ("signed_by", report.signer.map { .string($0.description) } ?? .null),
        ("heads_checked", .int(report.copiesChecked)), ("inputs_checked", .int(report.inputsChecked)),
        ("nested_roots", .int(report.nestedRoots)),
        ("problems", .array(report.damage.map(\.json))), ("unfinished", .array(report.unfinished.map(\.json))),
        ("warnings", .array(report.warnings.map(\.json))),
      ])
  }
}

extension Problem {
  var json: JSONOutput {
    .object([
      ("line", line.map { .int($0) } ?? .null), ("kind", .string(kind.rawValue)), ("expected", .string(expected)),
      ("found", .string(found)),
    ])
  }
}
