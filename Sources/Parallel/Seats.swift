import Dispatch
import Synchronization

/// How many threads may compute at the same time, over everything that goes on at once: filters, codecs, hashing, of all
/// scans in flight. Whoever computes has a seat.
///
/// The thread that makes them has one from the beginning. Helpers only take seats that are free now and do without
/// otherwise, so nobody who has a seat waits for another one, and nothing can lock up.
final class Seats: Sendable {
  private struct State {
    var free: Int
    /// Threads that wait, of either urgency.
    var urgent = 0
    var patient = 0
  }

  private let state: Mutex<State>
  private let urgent = DispatchSemaphore(value: 0)
  private let patient = DispatchSemaphore(value: 0)

  init(count: Int) { state = Mutex(State(free: max(1, count) - 1)) }

  /// Takes at most `count` seats that are free now, and says how many.
  func take(upTo count: Int) -> Int {
    state.withLock { state in
      let taken = min(max(0, count), state.free)
      state.free -= taken
      return taken
    }
  }

  /// Waits for a seat; for threads that have none.
  ///
  /// - Parameter urgently: before all who do not: for work that others wait for, and that they in turn bound, so that it
  ///   keeps nobody waiting for ever.
  func wait(urgently: Bool = false) {
    let hasSeat = state.withLock { state in
      if state.free > 0 {
        state.free -= 1
        return true
      }
      if urgently { state.urgent += 1 } else { state.patient += 1 }
      return false
    }
    if !hasSeat { (urgently ? urgent : patient).wait() }
  }

  /// Threads that wait for a seat.
  var waiting: Int { state.withLock { $0.urgent + $0.patient } }

  /// Gives a seat to whoever waits for one; nobody can take it away on its way.
  func give() {
    let next = state.withLock { state -> DispatchSemaphore? in
      if state.urgent > 0 {
        state.urgent -= 1
        return urgent
      }
      if state.patient > 0 {
        state.patient -= 1
        return patient
      }
      state.free += 1
      return nil
    }
    next?.signal()
  }
}
