import DurableIO

/// The log cannot be continued. Nothing may be published after that, because it could not be recorded.
package enum ProvenanceFailure: Error, Sendable {
  case disk(DurableFailure)
  /// `E_LOG_BROKEN`: what is there was changed, and continuing it would hide that.
  case broken(Problem)
  /// The log is signed, and there is no key to go on with.
  case keyMissing
  /// A record that the log would not read back; a defect of whoever made it.
  case unwritable(Problem)
}

extension ProvenanceFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .disk(let failure): "\(failure)"
    case .broken(let problem):
      "E_LOG_BROKEN: \(ProvenanceLog.name): \(problem); "
        + "keep it for whoever must look into it, move it and \(ProvenanceLog.headName) away, and run again"
    case .keyMissing: "the log is signed, and this run was given no key to sign with"
    case .unwritable(let problem): "a record cannot be written: \(problem)"
    }
  }
}

/// Gives a disk's failure the type that the log's functions throw.
func durably<Value>(_ body: () throws(DurableFailure) -> Value) throws(ProvenanceFailure) -> Value {
  do {
    return try body()
  } catch {
    throw .disk(error)
  }
}
