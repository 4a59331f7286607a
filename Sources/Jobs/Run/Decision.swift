import DurableIO
import Provenance
import Volumes

/// What is to be done about a scan, given what is in the output tree already.
package enum Decision: Sendable {
  /// With how the files look now, where the log says otherwise and is to be told.
  case upToDate(RecordedStat?)
  /// An interrupted run had finished the file and not said so.
  case recovered(ScanRecord)
  case work(Work)

  package struct Work: Sendable {
    package let reason: Reason
    /// Whether a file may be there, and goes.
    let replacing: Bool
  }

  /// Why a scan is to be done.
  package enum Reason: Sendable, Hashable {
    /// There is no output.
    case new
    /// The log knows of an output, which is gone.
    case outputMissing
    case inputChanged
    /// It was made by a rule of the arithmetic that has changed since.
    case earlierRule(change: String)
    /// It was made by other filters, in another form or under other policies, and may be replaced.
    case jobChanged
    /// The name is taken by a file that the log does not know, which may be replaced.
    case foreignFile
    /// It is up to date, and is to be done again all the same.
    case forced
  }
}

extension Decision.Reason {
  /// A stable name, for programs.
  package var name: String {
    switch self {
    case .new: "new"
    case .outputMissing: "output_missing"
    case .inputChanged: "input_changed"
    case .earlierRule: "earlier_rule"
    case .jobChanged: "job_changed"
    case .foreignFile: "foreign_file"
    case .forced: "forced"
    }
  }
}

/// Compares the log's last word on each output with the files as they are now. For any thread.
struct Decisions: Sendable {
  let plan: JobPlan
  let history: LogHistory
  /// The output root.
  let root: OpenFolder
  let ownership: Ownership
  let force: Bool
  let comparison: FileComparison
  private let likeness: JobLikeness

  init(
    plan: JobPlan, history: LogHistory, root: OpenFolder, ownership: Ownership, force: Bool,
    comparison: FileComparison
  ) {
    (self.plan, self.history, self.root) = (plan, history, root)
    (self.ownership, self.force, self.comparison) = (ownership, force, comparison)
    likeness = JobLikeness(to: plan)
  }

  /// - Throws: `E_OUT_EXISTS` when the name is taken by something that may not be replaced; `Cancelled`.
  func decision(on scan: PlannedScan, _ content: PlannedScan.Content) throws -> Decision {
    try history.requireNotWithdrawn(scan)
    let last = history.outputs[scan.shownOutput]
    guard let output = try comparison.output(at: scan.output, in: root) else {
      return .work(Decision.Work(reason: last == nil ? .new : .outputMissing, replacing: false))
    }
    let (entry, wasAnnounced) = try entry(of: scan, matching: output)
    guard let entry else { return try overUnknown(last) }
    let isSameRecipe = entry.record.chain == plan.recipe(of: content)
    // The same person's scan, done as this job would do it: nothing is left to quarrel about, whoever did it.
    if isSameRecipe, !force, let files = try unchangedFiles(of: scan, entry) {
      return wasAnnounced ? .recovered(entry.record) : .upToDate(news(of: files, output, against: entry))
    }
    try ownership.require(entry)
    let reason = isSameRecipe ? (force ? .forced : .inputChanged) : try reason(againstRecipeOf: entry, scan, content)
    return .work(Decision.Work(reason: reason, replacing: true))
  }

  private func reason(
    againstRecipeOf entry: LogHistory.Entry, _ scan: PlannedScan, _ content: PlannedScan.Content
  ) throws -> Decision.Reason {
    if let former = plan.formerRecipes(of: content).first(where: { $0.digest == entry.record.chain }) {
      return .earlierRule(change: former.change)
    }
    // A scan that was put on another grid has another recipe by the same job: only the input has changed.
    if likeness.isSame(as: entry), try unchangedFiles(of: scan, entry) == nil { return .inputChanged }
    guard force || plan.spec.output.onExists == .replace else { throw ScanFailure.jobChanged }
    return .jobChanged
  }

  /// The name is taken by a file that is not as the log says, if it says anything.
  private func overUnknown(_ last: LogHistory.Entry?) throws(ScanFailure) -> Decision {
    if let last { try ownership.require(last) }
    guard plan.spec.output.onExists == .replace else { throw last == nil ? .outputExists : .outputChanged }
    return .work(Decision.Work(reason: .foreignFile, replacing: true))
  }

  private func unchangedFiles(of scan: PlannedScan, _ entry: LogHistory.Entry) throws -> [RecordedFacts?]? {
    // An input was read at some time between the run's beginning and its record.
    try comparison.unchangedFiles(
      of: scan, in: plan.inputPlace, since: entry.record, stat: entry.stat,
      time: entry.run?["time"]?.string.flatMap(Timestamp.init)?.nanoseconds, isOwn: ownership.made(entry))
  }

  /// The log's record of exactly this file, and whether that is only the announcement of an interrupted run.
  private func entry(
    of scan: PlannedScan, matching output: FileComparison.Output
  ) throws -> (LogHistory.Entry?, wasAnnounced: Bool) {
    if let prepared = history.prepared[scan.shownOutput], try comparison.isSame(output, as: prepared) {
      return (prepared, true)
    }
    guard let last = history.outputs[scan.shownOutput], try comparison.isSame(output, as: last) else {
      return (nil, false)
    }
    return (last, false)
  }

  /// What the log is to be told, so that nothing has to be read the next time.
  private func news(
    of files: [RecordedFacts?], _ output: FileComparison.Output, against entry: LogHistory.Entry
  ) -> RecordedStat? {
    guard case .stat = comparison.standard else { return nil }
    let now = RecordedStat(inputs: files, output: output.facts.map(plan.naming.shown))
    return now == entry.stat || files.contains(nil) ? nil : now
  }
}

extension ScanFailure {
  /// A job that was changed meets all its earlier outputs: the same failure for each, so that it can be told once.
  static let jobChanged = ScanFailure(
    .outputExists, .plan, "output", expected: "one as the job would make it now",
    found: "one that was made with other filters, files of filters, output form or policies",
    advice: "set output.on_exists to \"replace\" to have such outputs made again, or give the job another output.root")

  /// Of an output in the store of git-annex the link alone is here.
  static let outputNotHere = ScanFailure(
    .outputExists, .plan, "output", expected: "a file", found: "a link of git-annex whose content is not here",
    advice: "git annex get the output, or remove the link to have it made again")

  /// Somebody wrote into an output, or put another file in its place.
  static let outputChanged = ScanFailure(
    .outputExists, .plan, "output", expected: "the file that the log recorded", found: "another one of that name",
    advice: "move it away, or set output.on_exists to \"replace\" to have such outputs made again")
}
