import Dispatch

/// How many threads may compute at the same time, over everything that goes on at once: filters, codecs, hashing, of all
/// scans in flight. Whoever computes has a seat.
///
/// The thread that makes them has one from the beginning. Helpers only take seats that are free now and do without
/// otherwise, so nobody who has a seat waits for another one, and nothing can lock up.
final class Seats: Sendable {
  private let free: DispatchSemaphore

  init(count: Int) {
    // Counted up rather than created with its count: Dispatch stops a process that frees a semaphore below that.
    free = DispatchSemaphore(value: 0)
    for _ in 1..<max(1, count) { free.signal() }
  }

  /// Takes at most `count` seats that are free now, and says how many.
  func take(upTo count: Int) -> Int {
    var taken = 0
    while taken < count, free.wait(timeout: .now()) == .success { taken += 1 }
    return taken
  }

  /// Waits for a seat; for threads that have none.
  func wait() { free.wait() }

  func give() { free.signal() }
}
