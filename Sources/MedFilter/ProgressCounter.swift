import Jobs
import Synchronization

/// Counts a run's events into the progress that a callback sees.
final class ProgressCounter: Sendable {
  private let scans: Int
  private let done = Atomic<Int>(0)

  init(scans: Int) { self.scans = scans }

  /// `nil` for events that are not a step.
  func progress(_ event: RunEvent) -> Job.Progress? {
    switch event {
    case .scanStarted(let name, _):
      return step(name, done: done.load(ordering: .relaxed), isFinished: false, failure: nil)
    case .scanFinished(let report):
      let count = done.wrappingAdd(1, ordering: .relaxed).newValue
      if case .failed(let failure) = report.outcome {
        return step(report.name, done: count, isFinished: true, failure: "\(failure)")
      }
      return step(report.name, done: count, isFinished: true, failure: nil)
    case .started, .noticed, .stage, .finished: return nil
    }
  }

  private func step(_ scan: String, done: Int, isFinished: Bool, failure: String?) -> Job.Progress {
    Job.Progress(scansDone: done, scans: scans, scan: scan, isFinished: isFinished, failure: failure)
  }
}
