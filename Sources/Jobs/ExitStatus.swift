/// The exit statuses of the interface; schedulers act on them.
package enum ExitStatus: Int32, Sendable {
  case success = 0
  /// The run finished, some scans failed.
  case someFailed = 3
  /// The command line or the job file is wrong; nothing was started.
  case usage = 64
  /// Something is wrong in the data that was looked at.
  case badData = 65
  /// No input matched.
  case noInput = 66
  /// A defect of medfilter itself.
  case defect = 70
  /// The output place cannot be used.
  case cannotCreate = 73
  /// The log or the output disk failed.
  case ioFailed = 74
  /// Interrupted, or another run holds the lock; safe to run again.
  case tryAgain = 75
}

extension JobRefusal {
  /// A stable name of the kind, for programs.
  package var code: String {
    switch self {
    case .badJob, .badKeys: "E_JOB"
    case .noInput: "E_NO_INPUT"
    case .outputUnusable: "E_OUTPUT"
    case .locked: "E_LOCKED"
    case .interrupted: "E_CANCELLED"
    case .logFailed: "E_LOG"
    }
  }

  package var status: ExitStatus {
    switch self {
    case .badJob, .badKeys: .usage
    case .noInput: .noInput
    case .outputUnusable: .cannotCreate
    case .locked, .interrupted: .tryAgain
    case .logFailed: .ioFailed
    }
  }
}

extension RunSummary {
  package var status: ExitStatus {
    if let refusal { return refusal.status }
    return switch ending {
    case .finished, .failFast: failed > 0 ? .someFailed : .success
    case .interrupted: .tryAgain
    case .stopped: .ioFailed
    }
  }
}
