import Dispatch
import Parallel
import Synchronization

/// Prepares several scans at a time; what comes of them is asked for in the order of the plan, scan by scan.
///
/// So the log and whoever watches see the same order for any number of threads. How many are in flight is bounded by the
/// lanes, by the memory that the plan says they need, and by how many may lie finished before their turn.
///
/// Belongs to one thread. That thread gives its seat away while it waits here, so the scans have them all.
final class ScansInFlight {
  typealias Outcome = Result<PreparedScan, any Error>
  /// Told before each stage of each frame; throws to stop the scan.
  typealias Telling = (Stage, _ frame: Int) throws(Cancelled) -> Void

  private struct Mail: Sendable {
    enum Content: Sendable {
      case stage(Stage, frame: Int)
      case prepared(Outcome, by: DispatchQueue)
    }
    let scan: Int
    let content: Content
  }

  /// What lanes share with the thread that asks.
  private final class MailBox: Sendable {
    let mail = Mutex<[Mail]>([])
    let arrival = DispatchSemaphore(value: 0)
    /// Whether nobody will ask for what is still in flight.
    let isAbandoned = Atomic<Bool>(false)

    func put(_ scan: Int, _ content: Mail.Content) {
      mail.withLock { $0.append(Mail(scan: scan, content: content)) }
      arrival.signal()
    }
  }

  private let scans: [PlannedScan]
  private let memoryBudget: Int
  private let workers: Workers
  private let prepare: (PlannedScan, Telling) throws -> PreparedScan

  private let box = MailBox()
  private var idle: [DispatchQueue] = []
  private var inFlight = 0
  private var next = 0
  /// Bytes that the scans in flight need.
  private var memory = 0
  /// Mail for scans that have not been asked for.
  private var kept: [Int: [Mail.Content]] = [:]

  /// A lane takes a scan; more of them would hold memory without having a processor.
  static let mostLanes = 16
  /// Finished scans that may wait for their turn beside one that takes long.
  private static let mostWaiting = 64

  /// - Parameters:
  ///   - memoryBudget: bytes for all scans in flight; each by itself was admitted by the plan.
  ///   - prepare: called from any thread, from several at a time.
  init(
    _ scans: [PlannedScan], workers: Workers, memoryBudget: Int,
    prepare: @escaping (PlannedScan, Telling) throws -> PreparedScan
  ) {
    self.scans = scans
    self.workers = workers
    self.memoryBudget = max(0, memoryBudget - Footprint.base)
    self.prepare = prepare
    let lanes = min(workers.count, Self.mostLanes, scans.count)
    // A scan alone needs no thread of its own: it is prepared when it is asked for.
    if lanes > 1 { idle = (0..<lanes).map { DispatchQueue(label: "medfilter.scan-\($0)") } }
  }

  private var isAlone: Bool { idle.isEmpty && inFlight == 0 }

  /// Waits until a scan is prepared; to be called for one after the other.
  ///
  /// - Parameter tell: told the scan's stages, those that passed before it was asked for included.
  func outcome(of scan: Int, telling tell: Telling) -> Outcome {
    if isAlone { return Outcome { try prepare(scans[scan], tell) } }
    return workers.waiting {
      while true {
        launch(asked: scan)
        for content in kept.removeValue(forKey: scan) ?? [] {
          switch content {
          case .stage(let stage, let frame):
            do throws(Cancelled) { try tell(stage, frame) } catch { box.isAbandoned.store(true, ordering: .relaxed) }
          case .prepared(let outcome, _): return outcome
          }
        }
        receive()
      }
    }
  }

  /// The outputs of scans behind one that was asked for, as far as they follow without a gap and are finished too; does not
  /// wait. They will be asked for all the same.
  func written(behind scan: Int, atMost count: Int) -> [PreparedScan] {
    // Not by a wait without patience: that is counted on a clock which may be set meanwhile. Whoever waits next is woken for
    // nothing, and waits again.
    takeMail()
    launch(asked: scan)
    var written: [PreparedScan] = []
    for next in scans.indices.dropFirst(scan + 1).prefix(count) {
      guard case .prepared(.success(let prepared), _)? = kept[next]?.last, !prepared.written.isEmpty else { break }
      written.append(prepared)
    }
    return written
  }

  /// Gives up what was not asked for, and waits until nothing is in flight.
  func abandon() {
    box.isAbandoned.store(true, ordering: .relaxed)
    workers.waiting { while inFlight > 0 { receive() } }
    for case .prepared(.success(let prepared), _) in kept.values.joined() { prepared.discard() }
    kept = [:]
  }

  private func receive() {
    box.arrival.wait()
    takeMail()
  }

  private func takeMail() {
    let mail = box.mail.withLock { mail in
      defer { mail = [] }
      return mail
    }
    for item in mail {
      kept[item.scan, default: []].append(item.content)
      guard case .prepared(_, let lane) = item.content else { continue }
      idle.append(lane)
      inFlight -= 1
      memory -= scans[item.scan].memory
    }
  }

  private func launch(asked: Int) {
    while next < scans.count, next <= asked + Self.mostWaiting, fits(scans[next].memory), let lane = idle.popLast() {
      inFlight += 1
      memory += scans[next].memory
      start(next, on: lane)
      next += 1
    }
  }

  private func fits(_ more: Int) -> Bool { inFlight == 0 || memory.addingSaturating(more) <= memoryBudget }

  private func start(_ scan: Int, on lane: DispatchQueue) {
    let (box, workers) = (box, workers)
    let planned = scans[scan]
    // Unsafe to send in general; here the caller has promised that it may be called from several threads at a time.
    nonisolated(unsafe) let prepare = prepare
    lane.async {
      let outcome = Outcome {
        try workers.seated {
          try prepare(planned) { (stage, frame) throws(Cancelled) in
            if box.isAbandoned.load(ordering: .relaxed) { throw Cancelled() }
            box.put(scan, .stage(stage, frame: frame))
          }
        }
      }
      box.put(scan, .prepared(outcome, by: lane))
    }
  }
}

extension PlannedScan {
  /// Bytes while it is worked on, besides what the program holds anyway; 0 for scans that fail at once.
  fileprivate var memory: Int { (try? content.get().room.own) ?? 0 }
}
