import Dispatch
import Synchronization

/// Work beside the calling thread, piece after piece in order: reading the next frames while this one is filtered.
///
/// With one lane only there is no beside: the work is done where it is begun. What a piece throws comes when that piece is
/// waited for, whatever the number of lanes, so that they do not decide which of two failures is told.
package final class SideLane: Sendable {
  private struct State {
    /// Pieces that were begun, and pieces that the caller knows to be done.
    var begun = 0
    var settled = 0
    /// The first failure that was not told yet; nothing is done after it.
    var failure: (piece: Int, error: any Error)?
    /// Pieces that were waiting when a failure was told; they are passed over too.
    var dropped = 0
  }

  private let workers: Workers
  private let queue: DispatchQueue?
  private let depth: Int
  private let isUrgent: Bool
  private let done = DispatchSemaphore(value: 0)
  private let state = Mutex(State())

  /// - Parameters:
  ///   - depth: pieces that may be under way or waiting.
  ///   - isUrgent: gets a seat before others do, because all that follows waits for it.
  package init(_ name: String, workers: Workers, depth: Int = 1, isUrgent: Bool = false) {
    self.workers = workers
    self.depth = max(1, depth)
    self.isUrgent = isUrgent
    queue = workers.count > 1 ? DispatchQueue(label: "medfilter.\(name)") : nil
  }

  /// Adds a piece of work, and waits before if there are too many.
  ///
  /// - Throws: what an earlier piece threw that had to be waited for.
  package func begin(_ work: @escaping () throws -> Void) throws {
    let piece = state.withLock { $0.begun + 1 }
    try finish(piece - depth)
    state.withLock { $0.begun = piece }
    // Unsafe to send in general; here whoever begins work leaves what it uses alone until it is finished.
    nonisolated(unsafe) let work = work
    guard let queue else { return run(piece, work) }
    queue.async { self.workers.seated(urgently: self.isUrgent) { self.run(piece, work) } }
  }

  /// Waits until the pieces that were begun are done, or only the first so many.
  ///
  /// - Throws: what the first of them to fail threw, once.
  package func finish(_ pieces: Int? = nil) throws {
    while state.withLock({ $0.settled < min(pieces ?? $0.begun, $0.begun) }) {
      workers.waiting { done.wait() }
      state.withLock { $0.settled += 1 }
    }
    let failure = state.withLock { state -> (any Error)? in
      guard let failure = state.failure, failure.piece <= state.settled else { return nil }
      (state.failure, state.dropped) = (nil, state.begun)
      return failure.error
    }
    if let failure { throw failure }
  }

  private func run(_ piece: Int, _ work: () throws -> Void) {
    defer { done.signal() }
    guard state.withLock({ $0.failure == nil && piece > $0.dropped }) else { return }
    do { try work() } catch { state.withLock { $0.failure = (piece, error) } }
  }
}
