import Jobs
import Provenance
import StrictJSON
import Synchronization

/// One JSON object per event on standard error, for programs that watch. Each tells how far the run is, as a bar would.
final class JSONReport: ProgressReport {
  private let run: String
  private let progress = Mutex(RunProgress())

  init(run: String) {
    self.run = run
    Messages.speakJSON()
  }

  func report(_ event: RunEvent) {
    let progress = progress.withLock { progress in
      progress.count(event)
      return progress
    }
    let head: [(String, JSONOutput)] = [
      ("time", .string("\(Timestamp.now())")), ("run", .string(run)),
      ("scan", progress.scan.map { .string($0) } ?? .null),
    ]
    // What the event itself says of the scan comes first.
    let own = members(event)
    let common = (Document.event.head + head + progress.members).filter { one in !own.contains { $0.0 == one.0 } }
    Terminal.error(JSONOutput.object(own + common).encoded() + "\n")
  }

  private func members(_ event: RunEvent) -> [(String, JSONOutput)] {
    switch event {
    case .started(let scans, let voxels):
      [("event", .string("started")), ("scans", .int(scans)), ("voxels", .int(voxels))]
    case .noticed(let finding): [("event", .string("finding")), ("finding", finding.json)]
    case .scanStarted(let name, let voxels):
      [("event", .string("scan_started")), ("scan", .string(name)), ("voxels", .int(voxels))]
    case .stage(let stage, let frame, let frames):
      [
        ("event", .string("stage")), ("stage", .string(stage.rawValue)), ("frame", .int(frame)),
        ("frames", .int(frames)),
      ]
    case .scanFinished(let scan): [("event", .string("scan_finished"))] + scan.members
    case .finished(let summary):
      [("event", .string("finished")), ("job", .string(summary.job))] + summary.counts
    }
  }
}

extension RunProgress {
  fileprivate var members: [(String, JSONOutput)] {
    [
      ("scans_total", .int(scans)), ("scans_done", .int(scansDone)), ("scans_failed", .int(scansFailed)),
      ("voxels_total", .int(voxels)), ("voxels_done", .int(voxelsDone)), ("elapsed_s", .double(seconds)),
      ("voxels_per_second", voxelsPerSecond.map { .double($0.rounded()) } ?? .null),
      ("seconds_left", secondsLeft.map { .double($0) } ?? .null),
    ]
  }
}
