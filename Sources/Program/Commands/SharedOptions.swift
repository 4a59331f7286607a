import ArgumentParser
import DurableIO
import Jobs

/// Options of every command that prints messages.
struct SpeechOptions: ParsableArguments {
  @Flag(help: "Print one JSON document to standard output.")
  var json = false

  @Flag(help: "Print errors only.")
  var quiet = false

  @Option(help: ArgumentHelp("Format of messages on standard error: text or json.", valueName: "format"))
  var logFormat = Messages.Format.text

  var messages: Messages {
    if logFormat == .json { Messages.speakJSON() }
    return Messages(format: logFormat, quiet: quiet)
  }
}

extension SpeechOptions {
  /// Says why a file named on the command line cannot be read; a wrong name does not mean a damaged log.
  func refusal(_ failure: DurableFailure, of path: String) -> ExitCode {
    let hint = failure.isFolder ? "; the log of an output root is the file provenance.jsonl in it" : ""
    let status: ExitStatus = failure.isMissing || failure.isFolder ? .noInput : .badData
    return refuse(status, status == .noInput ? "E_NO_INPUT" : "E_LOG", ["\(path): \(failure)\(hint)"])
  }
}

/// How much of the machine a command may use; 0 or nothing means what this process may use.
struct ResourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads for filters, codecs and hashes together. Default: as the job says, or all that the process may use.",
      valueName: "n"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "Memory for scans, such as 8GiB or 512MiB. Default: as the job says, or most of what the process may use.",
      valueName: "size"))
  var memory: MemorySize?

  func validate() throws {
    if let threads, !(0...4096).contains(threads) {
      throw ValidationError("--threads: expected 0 to 4096, found \(threads)")
    }
  }
}

extension Messages.Format: ExpressibleByArgument {}
extension ProgressStyle: ExpressibleByArgument {}

/// A size with its unit: KiB, MiB, GiB, TiB, kB, MB, GB, TB, or plain bytes.
struct MemorySize: ExpressibleByArgument, Equatable {
  let bytes: Int

  init?(argument: String) {
    let digits = argument.prefix { $0.isNumber || $0 == "." }
    let unit = argument.dropFirst(digits.count)
    guard let number = Double(digits), let factor = Self.factors[unit.lowercased()] else { return nil }
    let bytes = number * factor
    guard bytes >= 1, bytes < 9e18 else { return nil }
    self.bytes = Int(bytes)
  }

  private static let factors: [String: Double] = [
    "": 1, "b": 1, "kib": 1024, "mib": 1_048_576, "gib": 1_073_741_824, "tib": 1_099_511_627_776, "kb": 1e3, "mb": 1e6,
    "gb": 1e9, "tb": 1e12,
  ]
}
