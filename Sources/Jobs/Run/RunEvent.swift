import Volumes

/// What a run tells while it goes on; consoles and library callers make of it what they like.
package enum RunEvent: Sendable {
  /// `voxels` over all scans that can be read, frames included.
  case started(scans: Int, voxels: Int)
  /// Something odd about the job as a whole, that planning alone could not see.
  case noticed(Finding)
  case scanStarted(name: String, voxels: Int)
  case stage(Stage, frame: Int, of: Int)
  case scanFinished(ScanReport)
  case finished(RunSummary)
}

/// The stages of one scan, in the order of its way.
package enum Stage: String, CaseIterable, Sendable {
  case read, filter, write, publish
}

/// Seconds by stage.
package struct StageTimes: Sendable {
  package var seconds: [Stage: Double] = [:]

  package init() {}

  package static func += (sum: inout StageTimes, more: StageTimes) {
    sum.seconds.merge(more.seconds, uniquingKeysWith: +)
  }

  package var total: Double { seconds.values.reduce(0, +) }

  /// Runs `work` and books its time under `stage`.
  package mutating func measure<T, E: Error>(_ stage: Stage, _ work: () throws(E) -> T) throws(E) -> T {
    let start = ContinuousClock.now
    defer { seconds[stage, default: 0] += start.duration(to: .now).seconds }
    return try work()
  }
}

extension Duration {
  package var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// What became of one scan.
package struct ScanReport: Sendable {
  package enum Outcome: Sendable {
    case done, upToDate, recovered
    case failed(ScanFailure)
  }

  /// The scan's name as logs may show it.
  package var name: String
  /// The output behind the chain's end, or the first that was made.
  package var output: String?
  /// All that were made.
  package var outputs: [String] = []
  package var outcome: Outcome
  /// Why it was done, when it was.
  package var reason: Decision.Reason?
  package var findings: [Finding] = []
  /// How many of the last of them are those of its grid's filters, which are told once for all its scans.
  package var gridFindings = 0
  package var clipped = 0
  package var nonFinite = 0
  /// Voxels filtered, over all frames.
  package var voxels = 0
  /// What filtering them took, whoever does it.
  package var work = FilterWork()
  package var times = StageTimes()

  package init(name: String, output: String? = nil, outcome: Outcome) {
    self.name = name
    self.output = output
    self.outcome = outcome
  }
}
