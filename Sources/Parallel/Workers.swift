import Dispatch
import Synchronization

/// A fixed number of lanes on Dispatch's concurrent queue that share out numbered work.
///
/// Lanes take slabs from one atomic counter, so a slow lane never holds the others up. The result of the work must not
/// depend on which lane did it.
package struct Workers: Sendable {
  package let count: Int

  /// - Parameter count: lanes, at least 1.
  package init(count: Int) { self.count = max(1, count) }

  /// Runs `body` once for each slab of `0 ..< items` and returns when all are done.
  ///
  /// - Parameters:
  ///   - slab: items handed out at a time; large enough that the counter is not fought over.
  ///   - body: gets the lane's number, 0 ..< count (for the lane's own scratch), and the items.
  package func forEachSlab(of items: Int, slab: Int = 1, _ body: @Sendable (_ lane: Int, _ items: Range<Int>) -> Void) {
    let slabs = (items + slab - 1) / slab
    let lanes = min(count, slabs)
    guard lanes > 1 else {
      if items > 0 { body(0, 0..<items) }
      return
    }
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
      while true {
        let taken = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard taken < slabs else { return }
        body(lane, taken * slab..<min(items, (taken + 1) * slab))
      }
    }
  }
}
