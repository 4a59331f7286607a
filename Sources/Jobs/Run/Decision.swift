import DurableIO
import Provenance
import Volumes

/// What is to be done about one output of a scan, given what is in the output tree already.
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

extension Decision {
  var work: Work? { if case .work(let work) = self { work } else { nil } }
  var isWork: Bool { work != nil }
  /// The record of a finished file that the log does not hold yet.
  var recovered: ScanRecord? { if case .recovered(let record) = self { record } else { nil } }
  /// How the files look, where the log is to be told.
  var news: RecordedStat? { if case .upToDate(let stat) = self { stat } else { nil } }
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

  /// - Returns: one decision for each output of the scan.
  /// - Throws: `E_OUT_EXISTS` when a name is taken by something that may not be replaced; `Cancelled`.
  func decisions(on scan: PlannedScan, _ content: PlannedScan.Content) throws -> [Decision] {
    try history.requireNotWithdrawn(scan)
    let files = ComparedFiles()
    return try scan.outputs.indices.map { try decision(on: $0, of: scan, content, files) }
  }

  /// What comparing the scan's files has shown: several outputs were made of the same.
  private final class ComparedFiles {
    var known: [(inputs: [RecordedFile], isOwn: Bool, facts: [RecordedFacts?]?)] = []
  }

  private func decision(
    on number: Int, of scan: PlannedScan, _ content: PlannedScan.Content, _ files: ComparedFiles
  ) throws -> Decision {
    let planned = scan.outputs[number]
    let last = history.outputs[planned.shownName]
    guard let output = try comparison.output(at: planned.name, in: root) else {
      return .work(Decision.Work(reason: last == nil ? .new : .outputMissing, replacing: false))
    }
    let (entry, wasAnnounced) = try entry(of: planned, matching: output)
    guard let entry else { return try overUnknown(last) }
    let isSameRecipe = entry.record.chain == plan.recipe(of: content, output: number)
    // The same person's scan, done as this job would do it: nothing is left to quarrel about, whoever did it.
    if isSameRecipe, !force, let facts = try unchangedFiles(of: scan, entry, files) {
      return wasAnnounced ? .recovered(entry.record) : .upToDate(news(of: facts, output, against: entry))
    }
    try ownership.require(entry)
    if isSameRecipe { return .work(Decision.Work(reason: force ? .forced : .inputChanged, replacing: true)) }
    let reason = try reason(againstRecipeOf: entry, number, scan, content, files)
    return .work(Decision.Work(reason: reason, replacing: true))
  }

  private func reason(
    againstRecipeOf entry: LogHistory.Entry, _ number: Int, _ scan: PlannedScan, _ content: PlannedScan.Content,
    _ files: ComparedFiles
  ) throws -> Decision.Reason {
    let formers = plan.formerRecipes(of: content, output: number)
    if let former = formers.first(where: { $0.digest == entry.record.chain }) {
      return .earlierRule(change: former.change)
    }
    // A scan that was put on another grid has another recipe by the same job: only the input has changed.
    if likeness.isSame(as: entry), try unchangedFiles(of: scan, entry, files) == nil { return .inputChanged }
    guard force || plan.spec.output.onExists == .replace else { throw ScanFailure.jobChanged }
    return .jobChanged
  }

  /// The name is taken by a file that is not as the log says, if it says anything.
  private func overUnknown(_ last: LogHistory.Entry?) throws(ScanFailure) -> Decision {
    if let last { try ownership.require(last) }
    guard plan.spec.output.onExists == .replace else { throw last == nil ? .outputExists : .outputChanged }
    return .work(Decision.Work(reason: .foreignFile, replacing: true))
  }

  private func unchangedFiles(
    of scan: PlannedScan, _ entry: LogHistory.Entry, _ files: ComparedFiles
  ) throws -> [RecordedFacts?]? {
    let isOwn = ownership.made(entry)
    if let known = files.known.first(where: { $0.inputs == entry.record.inputs && $0.isOwn == isOwn }) {
      return known.facts
    }
    // An input was read at some time between the run's beginning and its record.
    let facts = try comparison.unchangedFiles(
      of: scan, in: plan.inputPlace, since: entry.record, stat: entry.stat,
      time: entry.run?["time"]?.string.flatMap(Timestamp.init)?.nanoseconds, isOwn: isOwn)
    files.known.append((entry.record.inputs, isOwn, facts))
    return facts
  }

  /// The log's record of exactly this file, and whether that is only the announcement of an interrupted run.
  private func entry(
    of planned: PlannedOutput, matching output: FileComparison.Output
  ) throws -> (LogHistory.Entry?, wasAnnounced: Bool) {
    if let prepared = history.prepared[planned.shownName], try comparison.isSame(output, as: prepared) {
      return (prepared, true)
    }
    guard let last = history.outputs[planned.shownName], try comparison.isSame(output, as: last) else {
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
