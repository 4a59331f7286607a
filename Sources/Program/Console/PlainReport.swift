import Jobs
import Synchronization

/// One plain line per scan, for schedulers' logs.
final class PlainReport: ProgressReport {
  private let messages: Messages
  private let repeated = RepeatedFailures()
  private let state = Mutex((done: 0, total: 0))

  init(messages: Messages) { self.messages = messages }

  func report(_ event: RunEvent) {
    switch event {
    case .started(let scans, _): state.withLock { $0.total = scans }
    case .scanFinished(let scan): tell(scan)
    case .noticed, .scanStarted, .stage, .finished: break
    }
  }

  private func tell(_ scan: ScanReport) {
    let (done, total) = state.withLock { state in
      state.done += 1
      return (state.done, state.total)
    }
    let text = "[\(done)/\(total)] \(ScanSentence.text(scan))"
    guard case .failed(let failure) = scan.outcome else { return messages.note(text, Messages.Facts(scan: scan.name)) }
    if repeated.isNews(failure) { messages.failure(failure, of: scan.name, text) }
  }
}
