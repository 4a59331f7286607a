import Jobs
import Volumes

/// How far a run is, counted from its events.
struct RunProgress {
  private(set) var scans = 0
  private(set) var scansDone = 0
  private(set) var scansFailed = 0
  private(set) var voxels = 0
  private(set) var voxelsDone = 0
  /// Voxels that cost time: scans that were up to date do not tell how long the rest will take.
  private var voxelsWorked = 0
  /// The scan that is worked on.
  private(set) var scan: String?
  private var scanVoxels = 0
  private var started = ContinuousClock.now

  mutating func count(_ event: RunEvent) {
    switch event {
    case .started(let scans, let voxels): (self.scans, self.voxels, started) = (scans, voxels, .now)
    case .scanStarted(let name, let voxels): (scan, scanVoxels) = (name, voxels)
    case .scanFinished(let report): finish(report)
    case .finished: scan = nil
    case .noticed, .stage: break
    }
  }

  private mutating func finish(_ report: ScanReport) {
    scansDone += 1
    voxelsDone = voxelsDone.addingSaturating(scanVoxels)
    scanVoxels = 0
    switch report.outcome {
    case .done: voxelsWorked = voxelsWorked.addingSaturating(report.voxels)
    case .failed: scansFailed += 1
    case .upToDate, .recovered: break
    }
  }

  var seconds: Double { started.duration(to: .now).seconds }

  var voxelsPerSecond: Double? {
    let seconds = seconds
    return voxelsWorked > 0 && seconds > 0 ? Double(voxelsWorked) / seconds : nil
  }

  /// Known after a second of work.
  var secondsLeft: Double? {
    guard let voxelsPerSecond, seconds > 1 else { return nil }
    return Double(max(0, voxels - voxelsDone)) / voxelsPerSecond
  }
}
