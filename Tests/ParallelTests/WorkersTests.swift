import Dispatch
import Foundation
import Glibc
import Parallel
import Synchronization
import Testing

@Suite struct WorkersTests {
  /// Counts who computes at the same time.
  private final class Gauge: Sendable {
    private let now = Atomic<Int>(0)
    private let most = Mutex(0)

    var peak: Int { most.withLock { $0 } }

    func during(_ work: () -> Void) {
      let count = now.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
      most.withLock { $0 = max($0, count) }
      work()
      now.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
  }

  private func spin() {
    let start = ContinuousClock.now
    while start.duration(to: .now) < .microseconds(200) {}
  }

  @Test(arguments: [1, 2, 3, 8])
  func `every item is done once`(lanes: Int) {
    for (items, slab) in [(0, 1), (1, 1), (7, 3), (1000, 7)] {
      let done = Mutex([Int](repeating: 0, count: items))
      Workers(count: lanes).forEachSlab(of: items, slab: slab) { lane, range in
        #expect(lane < lanes)
        done.withLock { for item in range { $0[item] += 1 } }
      }
      #expect(done.withLock { $0 } == [Int](repeating: 1, count: items))
    }
  }

  @Test(arguments: [1, 2, 4])
  func `no more threads compute than there are lanes, whoever asks`(lanes: Int) throws {
    let workers = Workers(count: lanes)
    let gauge = Gauge()
    let items = Atomic<Int>(0)
    let sides = (0..<5).map { SideLane("side \($0)", workers: workers) }
    for _ in 0..<20 {
      for side in sides {
        try side.begin {
          workers.forEachSlab(of: 6) { _, range in
            for _ in range { gauge.during(spin) }
            items.wrappingAdd(range.count, ordering: .relaxed)
          }
        }
      }
    }
    for side in sides { try side.finish() }
    #expect(items.load(ordering: .relaxed) == 20 * 5 * 6)
    #expect(gauge.peak <= lanes)
  }

  @Test func `seats come back`() throws {
    let workers = Workers(count: 3)
    for _ in 0..<1000 { workers.forEachSlab(of: 3) { _, _ in } }
    #expect(workers.takeSeat() && workers.takeSeat() && !workers.takeSeat())
    workers.giveSeat()
    workers.giveSeat()
    workers.waiting { #expect(workers.seated { 5 } == 5) }
  }

  @Test func `who asks urgently gets a seat before all who do not`() {
    let workers = Workers(count: 1)
    let order = Mutex<[Bool]>([])
    let done = DispatchSemaphore(value: 0)
    // The only seat is ours. Who does not ask urgently comes first.
    for isUrgent in [false, false, false, true, true] {
      let before = workers.threadsWaiting
      Thread.detachNewThread {
        workers.seated(urgently: isUrgent) { order.withLock { $0.append(isUrgent) } }
        done.signal()
      }
      while workers.threadsWaiting == before { sched_yield() }
    }
    workers.waiting { for _ in 0..<5 { done.wait() } }
    #expect(order.withLock { $0 } == [true, true, false, false, false])
  }

  private struct Failure: Error, Equatable { let number: Int }

  @Test(arguments: [1, 2])
  func `what side work throws comes when it is finished, once`(lanes: Int) throws {
    let side = SideLane("side", workers: Workers(count: lanes))
    try side.begin { throw Failure(number: 1) }
    #expect(throws: Failure(number: 1)) { try side.begin {} }
    try side.begin { throw Failure(number: 2) }
    #expect(throws: Failure(number: 2)) { try side.finish() }
    try side.finish()
  }

  @Test(arguments: [1, 2, 4], [1, 3])
  func `a failure is told when its piece is waited for, and nothing waiting is done after it`(
    lanes: Int, depth: Int
  ) throws {
    let side = SideLane("side", workers: Workers(count: lanes), depth: depth)
    let done = Mutex<[Int]>([])
    var told: Int?
    for piece in 1...10 {
      do {
        try side.begin {
          if piece == 4 { throw Failure(number: 4) }
          done.withLock { $0.append(piece) }
        }
      } catch {
        told = piece
        break
      }
    }
    #expect(told == 4 + depth)
    try side.finish()
    #expect(done.withLock { $0 } == [1, 2, 3])
    try side.begin { done.withLock { $0.append(11) } }
    try side.finish()
    #expect(done.withLock { $0 } == [1, 2, 3, 11])
  }
}
