import DurableIO

/// Why a job was not started, or was stopped; each case has one exit status.
package enum JobRefusal: Error, Sendable {
  /// The job file is wrong: every error in it, as sentences.
  case badJob([String])
  /// Keys of the job file, or of a chain's element, are wrong: every error in it.
  case badKeys([KeyProblem])
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
    case .badKeys(let problems): problems.map(\.sentence)
    case .interrupted: ["interrupted while the job was planned; run it again"]
    case .noInput(let text), .outputUnusable(let text), .locked(let text), .logFailed(let text): [text]
    }
  }
}

/// What is wrong with one key of a job.
package struct KeyProblem: Hashable, Sendable {
  /// From the document to the key: `filters[1].sigma_mm`; empty for the document as a whole.
  package let path: String
  /// With the file's name and the path.
  package let sentence: String

  package init(path: String, sentence: String) {
    self.path = path
    self.sentence = sentence
  }
}
