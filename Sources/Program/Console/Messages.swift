import Provenance
import StrictJSON
import Synchronization
import Volumes

/// Errors, warnings and notes on standard error, as lines of text or of JSON.
struct Messages: Sendable {
  enum Format: String, CaseIterable, Sendable { case text, json }
  enum Level: String, Sendable { case error, warning, note }

  /// What programs want to know of a message beside its sentence.
  struct Facts: Sendable {
    /// A stable name: the class of a failure, the code of a finding.
    var code: String?
    var scan: String?
    /// The key of the job that is wrong.
    var path: String?
  }

  var format = Format.text
  var quiet = false
  /// The run that the messages are about.
  var run: String?

  func error(_ text: String) { say(.error, text, Facts()) }

  func error(_ text: String, _ facts: Facts) { say(.error, text, facts) }

  func warning(_ text: String) { warning(text, Facts()) }

  func warning(_ text: String, _ facts: Facts) { if !quiet { say(.warning, text, facts) } }

  func note(_ text: String) { note(text, Facts()) }

  func note(_ text: String, _ facts: Facts) { if !quiet { say(.note, text, facts) } }

  /// A scan's failure, with the sentence that names the scan.
  func failure(_ failure: ScanFailure, of scan: String, _ text: String) {
    error(text, Facts(code: failure.failureClass.rawValue, scan: scan))
  }

  private func say(_ level: Level, _ text: String, _ facts: Facts) {
    switch format {
    case .text:
      let prefix = level == .warning ? "medfilter: warning: " : "medfilter: "
      Terminal.error(prefix + Terminal.harmless(text) + "\n")
    case .json: Terminal.error(line(level, text, facts).encoded() + "\n")
    }
  }

  private func line(_ level: Level, _ text: String, _ facts: Facts) -> JSONOutput {
    let optional = [("code", facts.code), ("scan", facts.scan), ("path", facts.path), ("run", run)]
    return .object(
      Document.message.head + [
        ("time", .string("\(Timestamp.now())")), ("level", .string(level.rawValue)), ("message", .string(text)),
      ] + optional.compactMap { name, value in value.map { (name, .string($0)) } })
  }
}

extension Messages {
  /// Whether whoever reads standard error is a program.
  private static let speaksJSON = Atomic<Bool>(false)

  static func speakJSON() { speaksJSON.store(true, ordering: .relaxed) }

  /// The line that tells of messages that nobody read in time.
  static func ofDropped(_ count: Int) -> String {
    let text =
      "\(Wording.count(count, "message")) \(count == 1 ? "was" : "were") dropped, because they were not read in time"
    guard speaksJSON.load(ordering: .relaxed) else { return "medfilter: warning: \(text)\n" }
    let line = JSONOutput.object(
      Document.message.head + [
        ("time", .string("\(Timestamp.now())")), ("level", .string(Level.warning.rawValue)),
        ("message", .string(text)), ("code", .string("messages-dropped")), ("dropped", .int(count)),
      ])
    return line.encoded() + "\n"
  }
}
