import Filtering
import Parallel
import Volumes

/// What the segments of a chain share while one scan goes through them: the engine, the scans beside the input, and who
/// is told how far it has come. Belongs to one thread.
final class ChainWork {
  /// Called before a stage of a frame begins, the frame counted from 1; throws to stop the scan.
  typealias Telling = (Stage, _ frame: Int) throws(Cancelled) -> Void

  let engine: Engine
  let companions: any Companions
  /// Numbers that operations choose from the voxels.
  let chosen = ChosenValues()
  /// Opens a file for the frames of a series that does not fit into memory.
  let spool: () throws -> SpoolFile
  /// What the scan waited for: stages add up to the whole although they overlap.
  private(set) var times = StageTimes()
  private let tell: Telling

  init(
    _ engine: Engine, companions: any Companions = NoCompanions(), spool: @escaping () throws -> SpoolFile,
    telling tell: @escaping Telling
  ) {
    (self.engine, self.companions, self.spool, self.tell) = (engine, companions, spool, tell)
  }

  /// - Parameter frame: from 0.
  func begins(_ stage: Stage, frame: Int) throws(Cancelled) {
    try engine.cancellation.check()
    try tell(stage, frame + 1)
  }

  func measure<T, E: Error>(_ stage: Stage, _ work: () throws(E) -> T) throws(E) -> T {
    try times.measure(stage, work)
  }
}

/// Does something in the engine. What it throws concerns one scan, and becomes an error that is known to do so: others
/// stop the run.
func inEngine<Value>(_ work: () throws(EngineFailure) -> Value) throws -> Value {
  do throws(EngineFailure) {
    return try work()
  } catch {
    switch error {
    case .cancelled: throw Cancelled()
    case .outOfMemory(let bytes): throw OutOfMemory(bytes: bytes)
    case .gridMismatch(let expected, let found):
      throw ScanFailure(.gridMismatch, .filter, "grid", expected: "\(expected)", found: "\(found)")
    case .negativeWeights(let filter): throw ScanFailure.negativeWeights(filter)
    case .companion(let failure): throw failure
    case .wrongScope(let filter):
      throw ScanFailure(
        .kernelUnfit, .filter, filter, expected: "an operation of its scope", found: "another kind",
        advice: "report this as a defect of medfilter")
    }
  }
}

extension ScanFailure {
  static func negativeWeights(_ filter: String) -> ScanFailure {
    ScanFailure(
      .kernelUnfit, .filter, filter,
      expected: "weights of at least 0, because absent voxels divide by the weight of the others",
      found: "a weight below 0", advice: "set policy.nonfinite to \"refuse\", \"propagate\" or \"zero\"")
  }
}
