import Parallel
import StrictJSON
import Volumes

/// Where a run's time went, and how near its filters came to what the machine allows.
package struct RunTimings: Sendable {
  /// What the scans waited for, summed over them; several may have been in flight at a time.
  package let stages: StageTimes
  package let wall: Double
  /// Voxels that were filtered, over all frames.
  package let voxels: Int
  package let roofline: Roofline?

  /// What the filters' work takes at least.
  package struct Roofline: Sendable {
    package let machine: MachineSpeed
    package let seconds: Double
  }

  /// - Returns: without the roofline when nothing was filtered, or there is no memory to measure the machine with.
  init(of summary: RunSummary, _ plan: JobPlan) {
    let done = summary.scans.filter { if case .done = $0.outcome { true } else { false } }
    stages = done.reduce(into: StageTimes()) { $0 += $1.times }
    wall = summary.seconds
    voxels = done.reduce(0) { $0.addingSaturating($1.voxels) }
    roofline = voxels > 0 ? Roofline(of: done.map(\.work), plan) : nil
  }

  /// How much of the run's time a stage had. Where scans were in flight together, they share the time.
  package func share(of stage: Stage) -> Double {
    let all = max(wall, stages.total)
    return all > 0 ? (stages.seconds[stage] ?? 0) / all : 0
  }

  /// The roofline's time as a share of what filtering took.
  package var rooflineShare: Double? {
    let filtering = share(of: .filter) * wall
    return filtering > 0 ? roofline.map { $0.seconds / filtering } : nil
  }
}

extension RunTimings.Roofline {
  init?(of work: [FilterWork], _ plan: JobPlan) {
    let frame = plan.grids.map { $0.key.shape.count.multipliedSaturating(by: $0.scalarBytes) }.max() ?? 0
    let workers = Workers(count: plan.limits.threads)
    let machine = try? MachineSpeed(workers: workers, instructionSet: plan.instructionSet, frameBytes: frame)
    guard let machine else { return nil }
    self.machine = machine
    seconds = work.reduce(0) { $0 + machine.seconds(for: $1) }
  }
}

extension RunTimings {
  /// As the log's `run_end`, `summary.json` and `--json` hold it.
  package var json: JSONOutput {
    .object([("seconds", stages.json), ("voxels", .int(voxels))] + rooflineMembers)
  }

  private var rooflineMembers: [(String, JSONOutput)] {
    guard let roofline, let share = rooflineShare else { return [] }
    return [
      ("filter_roofline_seconds", .double(roofline.seconds)), ("filter_roofline_share", .double(share)),
      ("machine_multiplies_per_second", .double(roofline.machine.multipliesPerSecond.rounded())),
      ("machine_bytes_per_second", .double(roofline.machine.bytesPerSecond.rounded())),
    ]
  }
}
