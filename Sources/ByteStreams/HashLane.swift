import Dispatch
import Parallel
import Synchronization

/// A SHA-256 computed beside the thread that reads or writes the bytes, when there is a lane to spare.
///
/// Whoever hands over bytes keeps them unchanged until `wait()` has returned.
package final class HashLane: @unchecked Sendable {
  // @unchecked Sendable because the hash is only touched by the serial queue, or while that is known to be empty.

  private var hash = SHA256()
  private let workers: Workers
  private let queue: DispatchQueue?
  /// Pieces that the queue has and has not hashed yet; while there are some, the queue has a seat.
  private let waiting = Mutex(0)
  private let hashed = DispatchSemaphore(value: 0)
  /// Pieces that were given to the queue and not yet waited for; the caller's own.
  private var unsettled = 0

  /// - Parameter workers: with one lane only, bytes are hashed where they are handed over.
  package init(workers: Workers = Workers(count: 1)) {
    self.workers = workers
    queue = workers.count > 1 ? DispatchQueue(label: "medfilter.hash") : nil
  }

  package func add(_ bytes: UnsafeRawBufferPointer) {
    guard let queue, join() else { return hash.update(bytes) }
    // Unsafe to send in general; here the caller waits before the memory is used otherwise.
    nonisolated(unsafe) let kept = bytes
    unsettled += 1
    queue.async {
      self.hash.update(kept)
      self.leave()
      self.hashed.signal()
    }
  }

  /// Returns when all bytes handed over are hashed but for the last pieces, `pieces` at most.
  package func wait(leaving pieces: Int = 0) {
    while unsettled > pieces {
      hashed.wait()
      unsettled -= 1
    }
  }

  /// The digest of all bytes since the beginning, or since the last time; begins anew.
  package func finalise() -> Digest {
    wait()
    return hash.finalise()
  }

  /// Whether the queue takes another piece. Where it has none and no lane is free, the caller hashes itself.
  private func join() -> Bool {
    waiting.withLock { waiting in
      guard waiting > 0 || workers.takeSeat() else { return false }
      waiting += 1
      return true
    }
  }

  private func leave() {
    waiting.withLock { waiting in
      waiting -= 1
      if waiting == 0 { workers.giveSeat() }
    }
  }
}
