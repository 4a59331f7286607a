import Dispatch

/// One piece of work at a time beside the calling thread: reading the next frame while this one is filtered.
///
/// With one lane only there is no beside: the work is done where it is begun. What it throws comes later all the same, so
/// that the number of lanes does not decide which of two failures is told.
package final class SideLane: @unchecked Sendable {
  // @unchecked Sendable because the result is written on the queue before `done` is signalled and read after waiting.

  private let workers: Workers
  private let queue: DispatchQueue?
  private let done = DispatchSemaphore(value: 0)
  private var isBusy = false
  private var failure: (any Error)?

  package init(_ name: String, workers: Workers) {
    self.workers = workers
    queue = workers.count > 1 ? DispatchQueue(label: "medfilter.\(name)") : nil
  }

  /// Begins a piece of work once the one before is done.
  ///
  /// - Throws: what that one threw.
  package func begin(_ work: @escaping () throws -> Void) throws {
    try finish()
    isBusy = true
    guard let queue else {
      do { try work() } catch { failure = error }
      return
    }
    // Unsafe to send in general; here whoever begins work leaves what it uses alone until it is finished.
    nonisolated(unsafe) let work = work
    queue.async {
      do { try self.workers.seated(work) } catch { self.failure = error }
      self.done.signal()
    }
  }

  /// Waits until the work that was begun is done.
  ///
  /// - Throws: what it threw, once.
  package func finish() throws {
    guard isBusy else { return }
    if queue != nil { workers.waiting { done.wait() } }
    isBusy = false
    defer { failure = nil }
    if let failure { throw failure }
  }
}
