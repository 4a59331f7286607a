import Glibc
import Synchronization

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

  /// Messages wait here for a reader, and hold nobody up.
  private static let errors = StreamWriter(STDERR_FILENO, limit: 256 << 10, note: { Messages.ofDropped($0) })
  private static let results = StreamWriter(STDOUT_FILENO)
  private static let trouble = Mutex<StreamWriter.Trouble?>(nil)

  static func error(_ text: String) { errors.say(text) }

  /// Writes what is soon written over: not missed when nobody reads.
  static func draw(_ text: String) { errors.say(text, isDecoration: true) }

  /// Writes results. What stands against that is told when the program ends, because what was asked for is done first.
  static func output(_ text: String) {
    // Where both streams go to one place, their order is kept.
    errors.flush(idle: .milliseconds(200), most: .seconds(1))
    guard trouble.withLock({ $0 }) == nil else { return }
    StopSignals.hasResults()
    let met = results.deliver(text) { StopSignals.wasAsked }
    trouble.withLock { $0 = met }
  }

  /// Messages that nobody has read although there was time for it, and those that were dropped before.
  static var unread: Int {
    let left = errors.flush(idle: .milliseconds(500), most: .seconds(2))
    return errors.dropped + left
  }

  /// What stood against writing the results, if anything did.
  static var resultsTrouble: StreamWriter.Trouble? { trouble.withLock { $0 } }

  /// Gives a slow reader some time for the last words.
  static func finish() {
    errors.flush(idle: .seconds(1), most: StopSignals.wasAsked ? .seconds(1) : .seconds(10))
  }
}
