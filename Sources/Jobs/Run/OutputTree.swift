import DurableIO
import Provenance
import StrictJSON
import VolumeIO
import Volumes

/// The output tree during a run: locked, with its log open, knowing what earlier runs left.
final class OutputTree {
  let folder: OutputFolder
  /// What earlier runs did.
  var history: LogHistory { log.history }

  private let log: ProvenanceLog
  private var recordedKernels: Set<String> = []

  /// Creates the output root, takes the lock, opens the log, and removes temporary files of runs that died.
  ///
  /// - Throws: `outputUnusable`, `locked` or `logFailed`; nothing was started then.
  init(plan: JobPlan, log options: ProvenanceLog.Options) throws(JobRefusal) {
    do throws(DurableFailure) {
      folder = try OutputFolder(path: plan.outputRoot)
    } catch {
      let root = plan.naming.shown(root: plan.spec.output.root, of: "the folder")
      throw .outputUnusable("output.root: \(root) cannot be used: \(error)")
    }
    let lock = try Self.takeLock(folder)
    try NameMap.update(for: plan, in: folder)
    do {
      log = try ProvenanceLog.open(in: folder, holding: lock, options: options)
    } catch {
      throw .logFailed("the log of the output root cannot be used: \(error)")
    }
    do {
      try folder.removeStaleFiles(holding: lock)
    } catch {
      throw .logFailed("output.root: what a dead run left cannot be removed: \(plan.naming.shown(error))")
    }
  }

  private static func takeLock(_ folder: OutputFolder) throws(JobRefusal) -> FolderLock {
    do throws(FolderLock.Failure) {
      return try FolderLock(folder)
    } catch {
      switch error {
      case .held(let holder): throw .locked("another run holds the output root (\(holder)); run again when it is done")
      case .disk(let failure): throw .outputUnusable("output.root: \(failure)")
      }
    }
  }
}

// MARK: - Records

extension OutputTree {
  func begin(_ plan: JobPlan) throws {
    try log.append(type: .runStart, fields: RunRecords.start(plan))
  }

  /// Each kernel once per run, before the first output that it made.
  func recordKernels(of grid: PlannedGrid) throws {
    for filter in grid.filters {
      guard let id = filter.kernelID, let record = filter.record, recordedKernels.insert(id).inserted else { continue }
      guard case .object(let members) = record.json else { continue }
      try log.append(type: .kernel, fields: [("id", .string(id))] + members)
    }
  }

  func recordFailure(of scan: PlannedScan, _ failure: ScanFailure) throws {
    try log.append(type: .scanFailed, fields: [("scan", .string(scan.shownName))] + failure.members)
  }

  /// Says what an interrupted run had no time to say: the announced file has its name.
  func recordRecovery(_ record: ScanRecord) throws {
    try log.append(type: .output, fields: record.fields + [("recovered", .bool(true))])
  }

  /// Announces the file in the log, gives it its name, and says so: whoever finds the file after a crash finds it
  /// announced.
  func publish(
    _ output: PendingFile, _ record: OutputRecord, replacing: Bool, times: inout StageTimes
  ) throws {
    try times.measure(.publish) {
      try log.append(type: .prepared, fields: record.core.fields)
      try onDisk(.publish) { () throws(DurableFailure) in try output.publish(replacing: replacing) }
    }
    // Not synced: should it be lost, the announcement and the file itself say the same.
    try log.append(type: .output, fields: record.fields(times), synced: false)
  }

  /// Ends the run in the log, which publishes the log's head, and writes the summary.
  func end(_ summary: inout RunSummary) throws {
    let seconds: [(String, JSONOutput)] = [("seconds", .double(summary.seconds))]
    try log.append(type: .runEnd, fields: summary.counts + seconds + summary.timingFields)
    summary.head = log.head
    try folder.publish(Array((summary.document.pretty() + "\n").utf8), as: "summary.json", replacing: true)
  }
}
