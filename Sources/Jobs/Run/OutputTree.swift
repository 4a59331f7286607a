import ByteStreams
import DurableIO
import Filters
import Provenance
import StrictJSON
import VolumeIO
import Volumes

/// The output tree during a run: locked, with its log open, knowing what earlier runs left.
final class OutputTree {
  let folder: OutputFolder
  /// What earlier runs did.
  var history: LogHistory { log.history }

  private let lock: FolderLock
  private let log: ProvenanceLog
  private var recordedKernels: Set<String> = []
  /// Weights that lie in files of their own.
  private var keptKernels: [(record: KernelRecord, part: KeptPart)] = []

  /// Creates the output root, takes the lock, opens the log, and removes temporary files of runs that died.
  ///
  /// - Parameter summary: of the run as it begins; it takes the place of the last run's as soon as the lock is held.
  /// - Throws: `outputUnusable`, `locked` or `logFailed`; nothing was started then.
  init(plan: JobPlan, log options: ProvenanceLog.Options, _ summary: RunSummary) throws(JobRefusal) {
    do throws(DurableFailure) {
      folder = try OutputFolder(path: plan.outputRoot)
    } catch {
      let root = plan.naming.shown(root: plan.spec.output.root, of: "the folder")
      throw .outputUnusable("output.root: \(root) cannot be used: \(error)")
    }
    // A log that is there stays as open or closed as somebody wanted it, and what lies beside it is the same.
    let logMode = (try? folder.root.status(of: ProvenanceLog.name)).flatMap { $0?.kind == .file ? $0?.mode : nil }
    folder.setRecordMode(logMode ?? plan.widestMode)
    lock = try Self.takeLock(folder)
    do throws(JobRefusal) {
      try summary.publish(in: folder)
      log = try Self.open(plan, options, in: folder, holding: lock)
    } catch {
      var summary = summary
      summary.end(by: error)
      try? summary.publish(in: folder)
      throw error
    }
  }

  private static func open(
    _ plan: JobPlan, _ options: ProvenanceLog.Options, in folder: OutputFolder, holding lock: FolderLock
  ) throws(JobRefusal) -> ProvenanceLog {
    try NameMap.update(for: plan, in: folder)
    let log: ProvenanceLog
    let names: [String]
    do {
      names = try folder.root.names()
      log = try ProvenanceLog.open(
        in: folder, holding: lock, names: names, options: options.placed(at: plan.outputRoot))
    } catch {
      throw .logFailed("the log of the output root cannot be used: \(error)")
    }
    do {
      try folder.removeStaleFiles(holding: lock, names: names)
    } catch {
      throw .logFailed("output.root: what a dead run left cannot be removed: \(plan.naming.shown(error))")
    }
    return log
  }

  /// Makes sure that the tree is still the one that was locked: a clean-up of dot folders lets a second writer in, and an
  /// output root that was moved away takes everything with it that is published into it.
  private func requireOwnPlace() throws(LostPlace) {
    if !folder.isStillThere { throw LostPlace(what: "the output root was moved, removed or replaced") }
    if !lock.isInPlace { throw LostPlace(what: ".medfilter/lock was removed, so that another run may have begun") }
    if !log.isInPlace { throw LostPlace(what: "the log was removed or written to by somebody else") }
  }

  /// Lets the next run in. Nothing may be published or recorded after this.
  func close() { lock.release() }

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

/// The output tree is not this run's any more.
struct LostPlace: Error, CustomStringConvertible {
  let what: String

  var description: String { "\(what) while the run went on" }
}

// MARK: - Records

extension OutputTree {
  func begin(_ plan: JobPlan, _ archive: ArchiveMark, _ ownership: Ownership, _ summary: RunSummary) throws {
    let run: [(String, JSONOutput)] = [("run", .string(summary.run))]
    try log.append(type: .runStart, fields: run + RunRecords.start(plan, archive, ownership, summary.findings))
  }

  /// Each kernel once per run, before the first output that it made, whose announcement is synced.
  func recordKernels(of grid: PlannedGrid) throws {
    for filter in grid.filters {
      guard let id = filter.kernelID, let record = filter.record, recordedKernels.insert(id).inserted else { continue }
      guard case .object(let members) = record.json else { continue }
      let kept = try keepTaps(of: record).map { [("taps_file", $0.json)] } ?? []
      try log.append(type: .kernel, fields: [("id", .string(id))] + members + kept, synced: false)
    }
  }

  /// Weights that are too many for a line, in a file; nil for others. Grids that share them share the file.
  private func keepTaps(of record: KernelRecord) throws -> KeptPart? {
    if let known = keptKernels.first(where: { $0.record.hasSameTaps(as: record) }) { return known.part }
    guard let taps = record.longTaps else { return nil }
    let part = try log.keep(taps)
    keptKernels.append((record, part))
    return part
  }

  func recordFailure(of scan: PlannedScan, _ failure: ScanFailure) throws {
    try log.append(type: .scanFailed, fields: [("scan", .string(scan.shownName))] + failure.members)
  }

  /// Says what an interrupted run had no time to say: the announced file has its name.
  func recordRecovery(_ record: ScanRecord) throws {
    try log.append(type: .output, fields: record.fields + [("recovered", .bool(true))])
  }

  /// Says how files look that are as recorded. Not synced: should that be lost, they are compared again.
  func recordUnchanged(_ scan: PlannedScan, _ output: PlannedOutput, _ stat: RecordedStat) throws {
    let names: [(String, JSONOutput)] = [("scan", .string(scan.shownName)), ("output", .string(output.shownName))]
    try log.append(type: .unchanged, fields: names + [("stat", stat.json)], synced: false)
  }

  /// Announces outputs in the log and gives them their names: whoever finds a file after a crash finds it announced.
  ///
  /// The disk is waited for once for all announcements, and once for each folder.
  ///
  /// - Parameter scans: the outputs of each.
  /// - Returns: what stood against each scan; shorter than `scans` when the disk failed, and no more of them were named. An
  ///   output that has its name although another of its scan has not is announced, and recovered by the next run.
  /// - Throws: only what must stop the run.
  func publish(_ scans: [[WrittenOutput]]) throws -> [ScanFailure?] {
    try requireOwnPlace()
    for output in scans.joined() {
      try recordKernels(of: output.record.grid)
      try log.append(type: .prepared, fields: output.record.core.fields, synced: false)
    }
    try log.sync()
    var named: [PendingFile] = []
    var failures: [ScanFailure?] = []
    for outputs in scans {
      let failure = giveNames(to: outputs, &named)
      failures.append(failure)
      if failure?.stopsTheRun == true { break }
    }
    // Whether names are on the disk that were given already is not known after a failure: nothing may be recorded then.
    try PendingFile.syncNames(of: named)
    return failures
  }

  /// - Returns: why not all outputs of a scan have their names.
  private func giveNames(to outputs: [WrittenOutput], _ named: inout [PendingFile]) -> ScanFailure? {
    for output in outputs {
      do throws(ScanFailure) {
        try requireUnmeasured(output.record)
        try onDisk(.publish) { () throws(DurableFailure) in try output.file.giveName(replacing: output.replacing) }
        named.append(output.file)
      } catch {
        return error
      }
    }
    return nil
  }

  /// Whatever has got under the output's name since the plan was made, no input is replaced.
  private func requireUnmeasured(_ record: OutputRecord) throws(ScanFailure) {
    let found = try onDisk(.publish) { () throws(DurableFailure) in try folder.root.status(of: record.planned.name) }
    guard let found, found.kind == .file, record.plan.measured.holds(found.identity) else { return }
    throw .outputIsInput
  }

  /// Says of a published output how it came about. Not synced: should that be lost, the announcement and the file say the
  /// same.
  func recordOutput(_ record: OutputRecord, _ times: StageTimes) throws {
    let published = (try? folder.root.status(of: record.planned.name))?.facts.flatMap { facts in
      // Nobody else writes an output; but within the same second somebody might.
      facts.hasCoarseTimes && !facts.wouldShowChange(after: FileFacts.now) ? nil : facts
    }
    try log.append(type: .output, fields: record.fields(times, published), synced: false)
  }

  /// Ends the run in the log, which publishes the log's head, and writes the summary.
  func end(_ summary: inout RunSummary) throws {
    try requireOwnPlace()
    let course: [(String, JSONOutput)] = [("run", .string(summary.run)), ("seconds", .double(summary.seconds))]
    try log.append(type: .runEnd, fields: summary.counts + course + summary.timingFields)
    summary.logHead = log.head
    try summary.publish(in: folder)
  }

  /// Says how a run ended that the log could not be told of.
  func publishIfPossible(_ summary: RunSummary) { try? summary.publish(in: folder) }
}

extension RunSummary {
  static let fileName = "summary.json"

  /// - Throws: `outputUnusable`.
  fileprivate func publish(in folder: OutputFolder) throws(JobRefusal) {
    do throws(DurableFailure) {
      try folder.publish(Array((document.pretty() + "\n").utf8), as: Self.fileName, replacing: true)
    } catch {
      throw .outputUnusable("output.root: \(Self.fileName) cannot be written: \(error)")
    }
  }
}
