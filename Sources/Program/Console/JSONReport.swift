import Jobs
import StrictJSON

/// One JSON object per event on standard error, for programs that watch.
struct JSONReport: ProgressReport {
  func report(_ event: RunEvent) {
    Terminal.error(JSONOutput.object(members(event)).encoded() + "\n")
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
    case .finished(let summary): [("event", .string("finished"))] + summary.counts
    }
  }
}
