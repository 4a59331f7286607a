import DurableIO

/// Why a job was not started, or was stopped; each case has one exit status.
package enum JobRefusal: Error, Sendable {
  /// The job file is wrong: every error in it, as sentences.
  case badJob([String])
  /// No scan matched.
  case noInput(String)
  /// The output place cannot be used.
  case outputUnusable(String)
  /// Another run writes to this output tree.
  case locked(String)
  /// Somebody asked to stop before anything was started.
  case interrupted
  /// The log cannot be trusted or written.
  case logFailed(String)

  package var sentences: [String] {
    switch self {
    case .badJob(let sentences): sentences
    case .interrupted: ["interrupted while the job was planned; run it again"]
    case .noInput(let text), .outputUnusable(let text), .locked(let text), .logFailed(let text): [text]
    }
  }
}
