import Filtering
import Jobs
import Parallel
import Volumes

/// Why something could not be done: a sentence that says where, what was expected, what was found and what to do.
public struct MedFilterError: Error, Sendable, CustomStringConvertible {
  /// The stable name of the kind of failure. Faults of scans have the names that the log uses, such as `E_GZ_CRC`.
  /// Others: `E_JOB` (a job or a chain is wrong), `E_VOLUME` (voxels in memory do not make a volume), `E_NO_INPUT` (no scan
  /// matched), `E_OUTPUT` (the output folder cannot be used), `E_LOCKED` (another run holds it), `E_LOG` (the log or its
  /// disk failed), `E_CANCELLED`, `E_LIMIT_MEM` (not enough memory).
  public let code: String?
  /// The sentence; of several problems, one on each line.
  public let description: String
  /// The first key that is wrong: `filters[0].fwhm_mm`.
  public var path: String? { problems.first { !$0.path.isEmpty }?.path }
  /// Each key of a job or of a chain that is wrong.
  public let problems: [KeyProblem]

  /// One thing wrong with a job or a chain.
  public struct KeyProblem: Sendable, Hashable {
    /// `filters[0].fwhm_mm`; empty for the whole.
    public let path: String
    /// With the path.
    public let description: String
  }

  init(_ description: String, code: String? = nil, problems: [KeyProblem] = []) {
    self.description = description
    self.code = code
    self.problems = problems
  }

  init(_ problems: [KeyProblem]) {
    self.init(problems.map(\.description).joined(separator: "\n"), code: "E_JOB", problems: problems)
  }

  init(_ error: any Error) {
    switch error {
    case let failure as ScanFailure: self.init("\(failure)", code: failure.failureClass.rawValue)
    case let refusal as JobRefusal: self.init(refusal)
    case let memory as OutOfMemory:
      self.init("expected \(memory.bytes) bytes of memory, found none", code: "E_LIMIT_MEM")
    case is Cancelled: self = .cancelled
    case let failure as EngineFailure: self.init(failure)
    case let own as MedFilterError: self = own
    default: self.init("\(error)")
    }
  }

  private init(_ refusal: JobRefusal) {
    let sentence = refusal.sentences.joined(separator: "\n")
    switch refusal {
    case .badKeys(let problems): self.init(problems.map { KeyProblem(path: $0.path, description: $0.sentence) })
    case .badJob: self.init(sentence, code: "E_JOB")
    case .noInput: self.init(sentence, code: "E_NO_INPUT")
    case .outputUnusable: self.init(sentence, code: "E_OUTPUT")
    case .locked: self.init(sentence, code: "E_LOCKED")
    case .interrupted: self = .cancelled
    case .logFailed: self.init(sentence, code: "E_LOG")
    }
  }

  private init(_ failure: EngineFailure) {
    switch failure {
    case .cancelled: self = .cancelled
    case .outOfMemory: self.init("\(failure)", code: "E_LIMIT_MEM")
    case .gridMismatch: self.init("\(failure)", code: FailureClass.gridMismatch.rawValue)
    case .companion(let failure): self.init(failure)
    case .negativeWeights, .wrongScope: self.init("\(failure)", code: FailureClass.kernelUnfit.rawValue)
    }
  }

  static let cancelled = MedFilterError("cancelled before the work was done", code: "E_CANCELLED")
}

/// Converts the errors of the layers below into the one type that users of the library see.
func translated<Value>(_ work: () throws -> Value) throws(MedFilterError) -> Value {
  do {
    return try work()
  } catch {
    throw MedFilterError(error)
  }
}
