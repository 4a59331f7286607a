import Glibc

/// Standard error, where everything for people goes; standard output carries results only. Nothing is coloured, so that
/// `NO_COLOR` has nothing to forbid.
enum Terminal {
  /// Whether standard error is a terminal that understands cursor movement.
  static var isInteractive: Bool {
    isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"
  }

  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  static func environment(_ name: String) -> String? {
    getenv(name).flatMap { String(validatingCString: $0) }
  }

  /// The text on one line: names of files may hold line ends, what else moves a terminal, and what turns the direction of
  /// writing.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHarmful) else { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      guard isHarmful(scalar) else { return line.unicodeScalars.append(scalar) }
      let digits = String(scalar.value, radix: 16)
      line += scalar.value < 256 ? (scalar.value < 16 ? "\\x0" : "\\x") + digits : "\\u{\(digits)}"
    }
  }

  private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }

  static func error(_ text: String) { write(text, to: STDERR_FILENO) }

  static func output(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes what can be written: a reader that went away must not stop the run.
  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
