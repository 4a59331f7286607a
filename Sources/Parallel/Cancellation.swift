import Synchronization

/// A flag that anyone may raise, from a signal handler's queue or a progress callback, and that work looks at between slabs.
package final class Cancellation: Sendable {
  private let raised = Atomic<Bool>(false)

  package init() {}

  package func cancel() { raised.store(true, ordering: .relaxed) }

  package var isCancelled: Bool { raised.load(ordering: .relaxed) }

  /// Throws `Cancelled` once the flag is raised.
  package func check() throws(Cancelled) {
    if isCancelled { throw Cancelled() }
  }
}

/// The work was asked to stop; nothing was published after that.
package struct Cancelled: Error, Equatable {
  package init() {}
}
