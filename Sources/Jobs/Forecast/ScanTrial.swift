import Parallel
import Volumes

/// Does a scan as a run would, with all lanes to itself, and writes nothing: to see how fast that goes.
struct ScanTrial {
  let plan: JobPlan
  let cancellation: Cancellation

  /// A series that takes longer is given up at its next frame.
  private static let longest = 5.0

  /// - Returns: nil when not even a frame was done in time.
  /// - Throws: `ScanFailure`, `OutOfMemory` or `Cancelled`.
  func speed(of scan: PlannedScan, _ content: PlannedScan.Content) throws -> (seconds: Double, voxels: Int)? {
    let replay = ScanReplay(plan: plan, cancellation: cancellation)
    let start = ContinuousClock.now
    var (frames, seconds) = (0, 0.0)
    func tell(_ stage: Stage, _ frame: Int) throws(Cancelled) {
      guard stage == .read else { return }
      (frames, seconds) = (frame - 1, start.duration(to: .now).seconds)
      if seconds > Self.longest { throw Cancelled() }
    }
    do {
      _ =
        plan.grids[content.grid].double
        ? try replay.voxels(of: scan, content, as: Double.self, compressed: true, telling: tell)
        : try replay.voxels(of: scan, content, as: Float.self, compressed: true, telling: tell)
      return (start.duration(to: .now).seconds, content.facts.voxels)
    } catch let cancelled as Cancelled {
      guard !cancellation.isCancelled else { throw cancelled }
      return frames > 0 ? (seconds, content.facts.shape.count * frames) : nil
    }
  }
}
