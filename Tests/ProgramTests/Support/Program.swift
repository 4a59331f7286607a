import Foundation
import Glibc
import Testing

/// What a finished run of the program left behind.
struct Outcome {
  /// The program's path and its arguments, and what they were started under.
  let command: [String]
  /// What lay in the folder that it ran in when it ended: `name: bytes`, in order.
  let listing: [String]
  /// The exit status, or 128 and the signal that ended the program.
  let status: Int32
  let stdout: String
  let stderr: String
  /// The most memory that was resident at once, in KiB, as far as it was watched.
  let peak: Int

  /// Records a failure that tells everything about the run unless it ended with this status.
  func expect(status: Int32, _ comment: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) {
    expect(statusAmong: [status], comment, sourceLocation: sourceLocation)
  }

  /// The same for a run that may end in several ways.
  func expect(
    statusAmong statuses: [Int32], _ comment: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    if let failure = failure(unlessAmong: statuses, comment) {
      Issue.record(Comment(rawValue: failure), sourceLocation: sourceLocation)
    }
  }

  /// The same, and the test ends: nothing behind it would mean anything.
  func require(status: Int32, _ comment: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
    guard let failure = failure(unlessAmong: [status], comment) else { return }
    Issue.record(Comment(rawValue: failure), sourceLocation: sourceLocation)
    throw EndedOtherwise(expected: status, found: self.status)
  }

  private func failure(unlessAmong statuses: [Int32], _ comment: String?) -> String? {
    if statuses.contains(status) { return nil }
    let expected = statuses.map(String.init).joined(separator: " or ")
    return "expected exit status \(expected), found \(status)\(comment.map { ": \($0)" } ?? "")\n\(self)"
  }
}

/// Ends a test whose command failed; the issue recorded before it has the details.
private struct EndedOtherwise: Error {
  let expected: Int32
  let found: Int32
}

extension Outcome: CustomStringConvertible {
  /// The command line, the exit status, both streams and the folder's listing.
  var description: String {
    func part(_ title: String, _ text: String) -> String {
      let text = text.count > 20_000 ? "\(text.prefix(10_000))\n…\n\(text.suffix(10_000))" : text
      return text.isEmpty ? "--- \(title): empty" : "--- \(title)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")"
    }
    let quoted = command.map { word in
      let isPlain = !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+".contains($0) }
      return isPlain ? word : "'\(word.replacing("'", with: #"'\''"#))'"
    }
    let left = listing.count > 200 ? ["… and \(listing.count - 200) more"] : []
    return [
      "$ \(quoted.joined(separator: " "))", "--- exit status \(status)", part("standard output", stdout),
      part("standard error", stderr), part("folder", (listing.prefix(200) + left).joined(separator: "\n")),
    ].joined(separator: "\n")
  }
}

/// The built program, and how it is started.
enum Program {
  /// Beside the bundle that these tests are linked into.
  static let path = URL(filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "")
    .deletingLastPathComponent().appending(path: "medfilter").path

  /// What the program inherits unless a test says otherwise: nothing of the developer's own.
  static let environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"].merging(Instruments.variables) { $1 }
}

/// A process that was started and not waited for yet. Its output goes into files, so that no full pipe holds it up.
final class Running {
  let process: pid_t
  private let command: [String]
  private let folder: String
  private let stdoutPath: String
  private let stderrPath: String

  /// - Parameters:
  ///   - command: the program's path and its arguments.
  ///   - streams: the beginning of the names of the files that its output goes into.
  ///   - closing: descriptors that are closed instead of opened on something.
  init(
    _ command: [String], in folder: String, environment: [String: String], streams: String, closing: [Int32] = []
  ) throws {
    (self.command, self.folder) = (command, folder)
    stdoutPath = streams + ".out"
    stderrPath = streams + ".err"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, stdoutPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, stderrPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    for descriptor in closing { posix_spawn_file_actions_addclose(&actions, descriptor) }

    // `env` changes the folder and then becomes the program: the process stays the same.
    let arguments = (["/usr/bin/env", "-C", folder] + command).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    // The C strings live until the process has been started.
    defer { (arguments + variables).forEach { free($0) } }
    var process = pid_t()
    let failure = posix_spawn(&process, "/usr/bin/env", &actions, nil, arguments, variables)
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EIO) }
    self.process = process
  }

  /// What has been written to standard error so far.
  var stderr: String { Self.text(stderrPath) }

  /// Waits until standard error holds a text, which it must within `seconds`.
  func waitUntilTold(_ text: String, within seconds: Double = 20) -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if stderr.contains(text) { return true }
      usleep(2000)
    }
    return false
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// Waits for the end.
  func finish() -> Outcome { finish(peak: 0) }

  /// Waits for the end and watches the memory. The kernel's own figure for ended processes is of no use here: it starts
  /// from the memory of the process that called `posix_spawn`, which is this one.
  func finishWatched() -> Outcome {
    var peak = 0
    while true {
      let status = Self.text("/proc/\(process)/status")
      guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else {
        return finish(peak: peak)
      }
      peak = max(peak, Int(line.filter(\.isNumber)) ?? 0)
      usleep(2000)
    }
  }

  private func finish(peak: Int) -> Outcome {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7F
    return Outcome(
      command: command, listing: Self.listing(of: folder), status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
      stdout: Self.text(stdoutPath), stderr: stderr, peak: peak)
  }

  /// Taken at the end: the folder may be gone, or changed, when a test looks at the outcome.
  private static func listing(of folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.sorted().map { name in
      var facts = stat()
      guard lstat("\(folder)/\(name)", &facts) == 0 else { return "\(name): gone" }
      return switch facts.st_mode & S_IFMT {
      case S_IFREG: "\(name): \(facts.st_size)"
      case S_IFDIR: "\(name)/"
      case S_IFLNK:
        "\(name) -> \((try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")) ?? "?")"
      default: "\(name): special"
      }
    }
  }

  private static func text(_ path: String) -> String {
    (try? String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)) ?? ""
  }
}
