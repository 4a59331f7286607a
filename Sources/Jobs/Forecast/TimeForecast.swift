import Parallel
import Provenance
import Volumes

/// How long the work of a run would take, comparing and listing aside.
package struct TimeForecast: Sendable {
  package enum Basis: Sendable {
    /// The seconds that so many outputs of the job took, as the log has them.
    case recorded(outputs: Int)
    /// One scan was read, filtered and compressed now, and thrown away.
    case measured
    /// What the machine can do at best, where every scan is too large to be tried.
    case machine
  }

  package let seconds: Double
  package let basis: Basis

  /// Outputs that are looked at; the last ones.
  private static let mostRecorded = 1000

  /// - Returns: nil when there is nothing to do, or nothing to go by.
  /// - Throws: `Cancelled`.
  init?(
    for scans: [PlannedScan], of plan: JobPlan, _ history: LogHistory, _ cancellation: Cancellation
  ) throws(Cancelled) {
    guard !scans.isEmpty else { return nil }
    let voxels = scans.reduce(0) { $0.addingSaturating($1.voxels) }
    let recorded = Self.recorded(plan, history)
    if recorded.voxels > 0 {
      // Scans in flight together wait for each other, and their seconds are those that each waited.
      let lanes = min(plan.limits.threads, scans.count, ScansInFlight.mostLanes)
      seconds = Double(voxels) * recorded.seconds / Double(recorded.voxels) / Double(max(1, lanes))
      basis = .recorded(outputs: recorded.outputs)
    } else if let trial = try Self.trial(scans, plan, cancellation) {
      seconds = trial.seconds * Double(voxels) / Double(max(1, trial.voxels))
      basis = .measured
    } else if let least = Self.least(scans, plan) {
      seconds = least
      basis = .machine
    } else {
      return nil
    }
  }

  private static func recorded(_ plan: JobPlan, _ history: LogHistory) -> (outputs: Int, voxels: Int, seconds: Double) {
    let entries = history.outputs.values.filter { $0.owner?.job == plan.spec.name && $0.effort != nil }
    let last = entries.sorted { $0.time < $1.time }.suffix(mostRecorded).compactMap(\.effort)
    return (
      last.count, last.reduce(0) { $0.addingSaturating($1.voxels) }, last.reduce(0) { $0 + $1.seconds }
    )
  }

  /// A scan of about the median size that can be tried within some seconds, done as a run would and not written.
  private static func trial(
    _ scans: [PlannedScan], _ plan: JobPlan, _ cancellation: Cancellation
  ) throws(Cancelled) -> (seconds: Double, voxels: Int)? {
    let trial = ScanTrial(plan: plan, cancellation: cancellation)
    let short = scans.filter { scan in (try? scan.content.get()).map { isShort($0, plan) } ?? false }
    let bySize = short.sorted { $0.voxels < $1.voxels }
    for scan in bySize[(bySize.count / 2)...].prefix(3) {
      guard let content = try? scan.content.get() else { continue }
      do {
        if let speed = try trial.speed(of: scan, content) { return speed }
      } catch let cancelled as Cancelled {
        throw cancelled
      } catch {
        // A scan that cannot be read tells nothing about the others.
        continue
      }
    }
    return nil
  }

  private static func isShort(_ content: PlannedScan.Content, _ plan: JobPlan) -> Bool {
    let work = FilterWork(of: plan.grids[content.grid], voxels: content.facts.voxels)
    // Of a series a few frames are enough.
    let frames = Double(max(1, content.facts.frames))
    return work.multiplies / frames < 4e9 && work.bytes / frames < 2.5e8
  }

  private static func least(_ scans: [PlannedScan], _ plan: JobPlan) -> Double? {
    let work = scans.compactMap { scan in
      (try? scan.content.get()).map { FilterWork(of: plan.grids[$0.grid], voxels: $0.facts.voxels) }
    }
    return RunTimings.Roofline(of: work, plan)?.seconds
  }
}
