import Parallel
import Volumes

/// Publishes and records prepared scans in the order of the plan.
///
/// Scans that are finished together wait for the disk together: all are announced, the log is synced once, all get their
/// names, each folder is synced once, all are recorded. On a disk whose syncs take long more scans are finished meanwhile,
/// so that groups grow by themselves; where syncs are fast, each scan is a group.
///
/// Belongs to the thread that asks for the scans.
final class ScanCommits {
  private let scans: [PlannedScan]
  private let inFlight: ScansInFlight
  private let tree: OutputTree
  private let worker: ScanWorker
  /// Scans of a group that may be committed together with the one that is asked for.
  private let mostMore: Int
  /// Reports of scans whose turn has not come yet.
  private var ahead: [Int: ScanReport] = [:]
  /// What stops the run at the first scan that is not among those.
  private var stop: (any Error)?

  /// Few enough that a kill between two steps leaves little to be recovered.
  private static let mostTogether = 8

  /// - Parameter isOneByOne: commits nothing before it is asked for.
  init(of worker: ScanWorker, _ inFlight: ScansInFlight, isOneByOne: Bool) {
    scans = worker.plan.scans
    tree = worker.tree
    self.worker = worker
    self.inFlight = inFlight
    mostMore = isOneByOne ? 0 : Self.mostTogether - 1
  }

  /// Whether the scan was committed with one before it.
  func isDone(_ scan: Int) -> Bool { ahead[scan] != nil }

  /// Commits a scan, unless that was done with one before it. A failed scan is recorded.
  ///
  /// - Returns: `nil` when it was cancelled.
  /// - Throws: only what must stop the run.
  func report(of scan: Int, _ prepared: ScansInFlight.Outcome) throws -> ScanReport? {
    if let report = ahead.removeValue(forKey: scan) { return report }
    if let stop { throw stop }
    defer { try? prepared.get().discard() }
    do {
      try worker.cancellation.check()
      let prepared = try prepared.get()
      guard prepared.written.isEmpty else {
        return try publish([prepared] + inFlight.written(behind: scan, atMost: mostMore), from: scan)
      }
      try recordWhatIsThere(prepared, scan)
      return prepared.report
    } catch let failure as ScanFailure {
      return try fail(scan, failure)
    } catch let error as OutOfMemory {
      return try fail(scan, .outOfMemory(error))
    } catch is Cancelled {
      return nil
    }
  }

  private func recordWhatIsThere(_ prepared: PreparedScan, _ scan: Int) throws {
    for (output, stat) in prepared.unchanged { try tree.recordUnchanged(scans[scan], output, stat) }
    for record in prepared.recovered { try tree.recordRecovery(record) }
  }

  /// - Returns: the report of the first; those of the others wait for their turn, also where the log fails behind some.
  private func publish(_ outputs: [PreparedScan], from first: Int) throws -> ScanReport {
    defer { outputs.forEach { $0.discard() } }
    let start = ContinuousClock.now
    // Waiting for a disk takes no processor.
    let failures = try worker.workers.waiting { try tree.publish(outputs.map(\.written)) }
    let seconds = start.duration(to: .now).seconds / Double(outputs.count)
    let report = try record(outputs[0], of: first, failures[0], seconds)
    do {
      for index in failures.indices.dropFirst() {
        ahead[first + index] = try record(outputs[index], of: first + index, failures[index], seconds)
      }
    } catch {
      stop = error
    }
    return report
  }

  private func record(
    _ prepared: PreparedScan, of scan: Int, _ failure: ScanFailure?, _ seconds: Double
  ) throws -> ScanReport {
    if let failure { return try fail(scan, failure) }
    try recordWhatIsThere(prepared, scan)
    var report = prepared.report
    report.times.seconds[.publish, default: 0] += seconds
    for output in prepared.written { try tree.recordOutput(output.record, report.times) }
    return report
  }

  private func fail(_ scan: Int, _ failure: ScanFailure) throws -> ScanReport {
    try tree.recordFailure(of: scans[scan], failure)
    return ScanReport(name: scans[scan].shownName, outcome: .failed(failure))
  }
}
