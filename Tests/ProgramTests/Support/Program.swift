import Foundation
import Glibc

/// What a finished run of the program left behind.
struct Outcome {
  /// The exit status, or 128 and the signal that ended the program.
  let status: Int32
  let stdout: String
  let stderr: String
  /// The most memory that was resident at once, in KiB, as far as it was watched.
  let peak: Int
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
  private let stdoutPath: String
  private let stderrPath: String

  /// - Parameters:
  ///   - command: the program's path and its arguments.
  ///   - streams: the beginning of the names of the files that its output goes into.
  ///   - closing: descriptors that are closed instead of opened on something.
  init(
    _ command: [String], in folder: String, environment: [String: String], streams: String, closing: [Int32] = []
  ) throws {
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
      status: signal == 0 ? status >> 8 & 0xFF : 128 + signal, stdout: Self.text(stdoutPath), stderr: stderr, peak: peak
    )
  }

  private static func text(_ path: String) -> String {
    (try? String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)) ?? ""
  }
}
