import StrictJSON

/// Errors, warnings and notes on standard error, as lines of text or of JSON.
struct Messages: Sendable {
  enum Format: String, CaseIterable, Sendable { case text, json }
  enum Level: String, Sendable { case error, warning, note }

  var format = Format.text
  var quiet = false

  func error(_ text: String) { say(.error, text) }

  func warning(_ text: String) { if !quiet { say(.warning, text) } }

  func note(_ text: String) { if !quiet { say(.note, text) } }

  private func say(_ level: Level, _ text: String) {
    switch format {
    case .text:
      let prefix = level == .warning ? "medfilter: warning: " : "medfilter: "
      Terminal.error(prefix + Terminal.harmless(text) + "\n")
    case .json:
      let line = JSONOutput.object([("level", .string(level.rawValue)), ("message", .string(text))])
      Terminal.error(line.encoded() + "\n")
    }
  }
}
