import DurableIO
import Filtering
import Parallel
import Provenance
import Volumes

/// Does a plan: prepares several scans at a time, and publishes and records them in the plan's order.
///
/// A failed scan never stops the others; a log or an output disk that fails stops everything, because nothing may be
/// published that cannot be recorded.
package struct JobRun: Sendable {
  package struct Options: Sendable {
    /// Do again what is already done.
    package var force: Bool
    /// Take over outputs that another job, or this one from another archive, made at the places of this job's.
    package var adopt: Bool
    /// Compare files by their content, also where the job trusts their sizes and times.
    package var verifyAll: Bool
    /// Stop at the first scan that fails.
    package var failFast: Bool
    /// Say where the time went, beside what the machine can do, which takes some tens of milliseconds to measure.
    package var timings: Bool
    /// The run's own name in the log, in the summary and wherever it is told of.
    package var run = JobRun.newName()
    /// How many messages about the run nobody has read; asked when its summary is written.
    package var messagesDropped: @Sendable () -> Int = { 0 }
    /// Who signs the log's heads, and where copies of them go.
    package var log: ProvenanceLog.Options

    package init(
      force: Bool = false, adopt: Bool = false, verifyAll: Bool = false, failFast: Bool = false, timings: Bool = false,
      log: ProvenanceLog.Options = ProvenanceLog.Options()
    ) {
      self.force = force
      self.adopt = adopt
      self.verifyAll = verifyAll
      self.failFast = failFast
      self.timings = timings
      self.log = log
    }
  }

  let plan: JobPlan
  let options: Options
  let cancellation: Cancellation
  let observer: @Sendable (RunEvent) -> Void

  package init(
    plan: JobPlan, options: Options = Options(), cancellation: Cancellation = Cancellation(),
    observer: @escaping @Sendable (RunEvent) -> Void = { _ in }
  ) {
    self.plan = plan
    self.options = options
    self.cancellation = cancellation
    self.observer = observer
  }

  /// - Throws: `JobRefusal` when nothing was started: the output place, room in it, the lock or the log cannot be had.
  package func run() throws(JobRefusal) -> RunSummary {
    let start = ContinuousClock.now
    try SamePlaceProbe(plan: plan).require()
    var summary = RunSummary(job: plan.spec.name, run: options.run, planned: plan.scans.count)
    summary.findings = plan.findings
    let tree = try OutputTree(plan: plan, log: options.log, summary)
    defer { tree.close() }
    let (archive, decisions): (ArchiveMark, Decisions)
    do throws(JobRefusal) {
      try plan.requireRoom()
      (archive, decisions) = try self.decisions(in: tree)
    } catch {
      summary.end(by: error)
      tree.publishIfPossible(summary)
      throw error
    }
    observer(.started(scans: plan.scans.count, voxels: plan.voxels))
    let missing = MissingInputs(of: plan, tree.history, decisions.ownership, root: tree.folder.root)
    if let finding = missing.finding {
      summary.findings.append(finding)
      observer(.noticed(finding))
    }
    do {
      try tree.begin(plan, archive, decisions.ownership, summary)
      try doScans(in: tree, by: decisions, into: &summary)
      summary.end(after: start.duration(to: .now), options.messagesDropped())
      if options.timings { summary.timings = RunTimings(of: summary, plan) }
      try tree.end(&summary)
    } catch {
      summary.ending = .stopped
      summary.reason = "the log or the output disk failed: \(error); free or mend the disk, then run the job again"
      summary.end(after: start.duration(to: .now), options.messagesDropped())
      tree.publishIfPossible(summary)
    }
    observer(.finished(summary))
    return summary
  }

  /// Knows the archive again, and with it which outputs are this job's own.
  private func decisions(in tree: OutputTree) throws(JobRefusal) -> (ArchiveMark, Decisions) {
    let archive: ArchiveMark
    do throws(Cancelled) {
      archive = try InputArchive(plan: plan, history: tree.history, cancellation: cancellation).mark()
    } catch {
      throw .interrupted
    }
    let ownership = Ownership(of: plan, in: archive, tree.history, adopting: options.adopt)
    let trusts = plan.spec.policy.unchanged == .stat && !options.verifyAll
    let decisions = Decisions(
      plan: plan, history: tree.history, root: tree.folder.root, ownership: ownership, force: options.force,
      comparison: FileComparison(trusts ? .stat : .content, naming: plan.naming, cancellation: cancellation))
    return (archive, decisions)
  }

  /// - Throws: only what must stop the run.
  private func doScans(in tree: OutputTree, by decisions: Decisions, into summary: inout RunSummary) throws {
    let worker = ScanWorker(tree: tree, decisions: decisions, cancellation: cancellation)
    let inFlight = ScansInFlight(plan.scans, workers: worker.workers, memoryBudget: plan.limits.memory) { scan, tell in
      try worker.prepare(scan, telling: tell)
    }
    defer { inFlight.abandon() }
    let commits = ScanCommits(of: worker, inFlight, isOneByOne: options.failFast)
    for (index, scan) in plan.scans.enumerated() {
      if cancellation.isCancelled, !commits.isDone(index) { return summary.ending = .interrupted }
      observer(.scanStarted(name: scan.shownName, voxels: scan.voxels))
      let prepared = inFlight.outcome(of: index) { stage, frame in
        observer(.stage(stage, frame: frame, of: stage == .publish ? 1 : scan.frames))
      }
      guard let report = try commits.report(of: index, prepared) else { return summary.ending = .interrupted }
      summary.scans.append(report)
      observer(.scanFinished(report))
      guard case .failed(let failure) = report.outcome else { continue }
      if failure.stopsTheRun { throw failure }
      if options.failFast { return summary.ending = .failFast }
    }
  }
}

extension JobRun {
  /// A name that no other run has.
  package static func newName() -> String {
    let digits = (0..<2).map { _ in String(UInt64.random(in: .min ... .max) | 1 << 63, radix: 16) }
    return digits.joined()
  }
}

extension RunSummary {
  fileprivate mutating func end(after duration: Duration, _ messagesDropped: Int) {
    (seconds, self.messagesDropped, ended) = (duration.seconds, messagesDropped, .now())
  }
}

extension ScanFailure {
  /// Whether the whole output disk is to blame, so that the next scan would fare no better. One output that cannot be
  /// written, whose name is too long or whose blocks are damaged, keeps no other scan from being done.
  var stopsTheRun: Bool {
    [.noSpace, .readOnlyDisk].contains(failureClass)
  }

  static func outOfMemory(_ error: OutOfMemory) -> ScanFailure {
    ScanFailure(
      .memoryLimit, .filter, "memory", expected: "\(error.bytes) bytes", found: "the system refused",
      advice: "free memory, or lower resources.memory_mb so that the plan refuses such scans")
  }
}
