import Dispatch
import Synchronization

/// A fixed number of lanes on Dispatch's concurrent queue that share out numbered work.
///
/// Lanes take slabs from one atomic counter, so a slow lane never holds the others up. The result of the work must not
/// depend on which lane did it, nor on how many there are: copies of a value share its seats, so when several threads
/// work with the same workers, each finds as many lanes as the others leave free, and `count` is never exceeded.
package struct Workers: Sendable {
  package let count: Int
  private let seats: Seats

  /// The thread that calls this counts as the first of the lanes.
  ///
  /// - Parameter count: lanes, at least 1.
  package init(count: Int) {
    self.count = max(1, count)
    seats = Seats(count: count)
  }

  /// Runs `body` once for each slab of `0 ..< items` and returns when all are done.
  ///
  /// - Parameters:
  ///   - slab: items handed out at a time; large enough that the counter is not fought over.
  ///   - body: gets the lane's number, 0 ..< count (for the lane's own scratch), and the items.
  package func forEachSlab(of items: Int, slab: Int = 1, _ body: @Sendable (_ lane: Int, _ items: Range<Int>) -> Void) {
    let slabs = (items + slab - 1) / slab
    let helpers = seats.take(upTo: min(count, slabs) - 1)
    guard helpers > 0 else {
      if items > 0 { body(0, 0..<items) }
      return
    }
    let next = Atomic<Int>(0)
    let finished = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: helpers + 1) { lane in
      while true {
        let taken = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard taken < slabs else { break }
        body(lane, taken * slab..<min(items, (taken + 1) * slab))
      }
      // Seats are as good as each other: the last lane keeps the caller's.
      if finished.wrappingAdd(1, ordering: .relaxed).oldValue < helpers { seats.give() }
    }
  }
}

// MARK: - Threads beside the lanes

extension Workers {
  /// Takes a seat for work on another thread, if one is free; that work gives it back.
  package func takeSeat() -> Bool { seats.take(upTo: 1) == 1 }

  package func giveSeat() { seats.give() }

  /// Threads that have work and no seat.
  package var threadsWaiting: Int { seats.waiting }

  /// Computes on a thread that has no seat yet: waits for one, and gives it back afterwards.
  ///
  /// - Parameter urgently: before those who do not say so.
  package func seated<Value, Failure: Error>(
    urgently: Bool = false, _ work: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    seats.wait(urgently: urgently)
    defer { seats.give() }
    return try work()
  }

  /// Lets others compute while the calling thread, which has a seat, waits for something else than a processor.
  package func waiting<Value, Failure: Error>(_ wait: () throws(Failure) -> Value) throws(Failure) -> Value {
    seats.give()
    defer { seats.wait() }
    return try wait()
  }
}
