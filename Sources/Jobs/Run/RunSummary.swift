import Provenance
import StrictJSON
import Volumes

/// What a run did, scan by scan.
package struct RunSummary: Sendable {
  package enum Ending: String, Sendable {
    /// Every scan was looked at.
    case finished
    /// Somebody asked to stop.
    case interrupted
    /// The log or the output disk failed.
    case stopped
    /// A scan failed and the caller wanted no more after that.
    case failFast = "fail_fast"
  }

  package var job: String
  /// The run's own name, as `run_start` and events tell it.
  package var run: String
  package var started = Timestamp.now()
  /// `nil` while the run goes on.
  package var ended: Timestamp?
  package var ending = Ending.finished
  package var scans: [ScanReport] = []
  /// About the job as a whole.
  package var findings: [Finding] = []
  /// Scans that the plan holds.
  package var planned: Int
  package var seconds = 0.0
  /// Why the run did not start with its scans, when it held the output root already.
  package var refusal: JobRefusal?
  /// Messages about the run that nobody read in time.
  package var messagesDropped = 0
  /// Why the run was stopped, when it was.
  package var reason: String?
  /// Of the log, once the run has ended in it.
  package var logHead: LogHead?
  /// Where the time went, when somebody asked.
  package var timings: RunTimings?

  package init(job: String, run: String, planned: Int) {
    self.job = job
    self.run = run
    self.planned = planned
  }

  package var done: Int { count { if case .done = $0 { true } else { false } } }
  package var upToDate: Int { count { if case .upToDate = $0 { true } else { false } } }
  package var recovered: Int { count { if case .recovered = $0 { true } else { false } } }
  package var failed: Int { count { if case .failed = $0 { true } else { false } } }
  package var notStarted: Int { planned - scans.count }

  /// Whether it goes on, came to its end, or ended before.
  package enum State: String, Sendable {
    case running, finished, stopped
  }

  package var state: State {
    if ended == nil { return .running }
    return ending == .finished && refusal == nil ? .finished : .stopped
  }

  /// Ends the summary of a run that was refused while it held the output root.
  mutating func end(by refusal: JobRefusal) {
    self.refusal = refusal
    ending = refusal.status == .tryAgain ? .interrupted : .stopped
    reason = refusal.sentences.joined(separator: "; ")
    ended = .now()
  }

  /// What has changed in the arithmetic since outputs were made that this run made again, each with their number.
  package var ruleChanges: [(change: String, outputs: Int)] {
    let changes = scans.compactMap { scan in
      if case .earlierRule(let change) = scan.reason { change } else { nil }
    }
    return Dictionary(grouping: changes) { $0 }.map { ($0, $1.count) }.sorted { $0.change < $1.change }
  }

  private func count(_ matches: (ScanReport.Outcome) -> Bool) -> Int {
    scans.reduce(0) { $0 + (matches($1.outcome) ? 1 : 0) }
  }

  /// The counts as the log, `summary.json` and `--json` show them.
  package var counts: [(String, JSONOutput)] {
    [
      ("status", .int(Int(status.rawValue))), ("ending", .string(ending.rawValue)), ("planned", .int(planned)),
      ("done", .int(done)),
      ("up_to_date", .int(upToDate)), ("recovered", .int(recovered)), ("failed", .int(failed)),
      ("not_started", .int(notStarted)),
    ]
  }

  var timingFields: [(String, JSONOutput)] { timings.map { [("timings", $0.json)] } ?? [] }

  /// The document of `summary.json` and of `run --json`.
  package var document: JSONOutput {
    let lists: [(String, JSONOutput)] = [
      ("findings", .array(findings.map(\.json))), ("scans", .array(scans.map { .object($0.members) })),
    ]
    return .object([("state", .string(state.rawValue))] + head + course + remarks + timingFields + lists)
  }

  private var head: [(String, JSONOutput)] {
    Document.summary.head + [
      ("medfilter", .string(Software.version)), ("job", .string(job)), ("run", .string(run)),
      ("started", .string("\(started)")), ("ended", ended.map { .string("\($0)") } ?? .null),
      ("seconds", .double(seconds)),
    ]
  }

  /// How it ended, which nobody knows of a run that goes on, and the counts.
  private var course: [(String, JSONOutput)] {
    state == .running ? [("status", .null), ("ending", .null)] + counts.dropFirst(2) : counts
  }

  private var remarks: [(String, JSONOutput)] {
    let reasons: [(String, JSONOutput)] = reason.map { [("reason", .string($0))] } ?? []
    let logHead: [(String, JSONOutput)] = self.logHead.map { [("log_head", $0.json)] } ?? []
    return [("messages_dropped", .int(messagesDropped))] + reasons + logHead
  }
}

extension ScanReport {
  /// The report as one JSON object's members.
  package var members: [(String, JSONOutput)] {
    var members: [(String, JSONOutput)] = [("scan", .string(name)), ("outcome", .string(outcome.name))]
    if let output { members.append(("output", .string(output))) }
    if outputs.count > 1 { members.append(("outputs", .array(outputs.map { .string($0) }))) }
    if case .failed(let failure) = outcome { members += failure.members }
    if !findings.isEmpty { members.append(("findings", .array(findings.map(\.json)))) }
    if let reason { members.append(("reason", .string(reason.name))) }
    if case .done = outcome {
      members += [("clipped", .int(clipped)), ("non_finite", .int(nonFinite)), ("seconds", times.json)]
    }
    return members
  }
}

extension ScanReport.Outcome {
  package var name: String {
    switch self {
    case .done: "done"
    case .upToDate: "up_to_date"
    case .recovered: "recovered"
    case .failed: "failed"
    }
  }
}

extension ScanFailure {
  /// Class, phase and the facts, as the log and the summary hold them.
  package var members: [(String, JSONOutput)] {
    var detail: [(String, JSONOutput)] = [
      ("subject", .string(subject)), ("expected", .string(expected)), ("found", .string(found)),
    ]
    if let advice { detail.append(("advice", .string(advice))) }
    return [("class", .string(failureClass.rawValue)), ("phase", .string(phase.rawValue)), ("detail", .object(detail))]
  }
}

extension Finding {
  package var json: JSONOutput { .object([("code", .string(code)), ("detail", .string(detail))]) }
}

extension StageTimes {
  /// Seconds by stage, to the microsecond.
  package var json: JSONOutput {
    .object(
      Stage.allCases.compactMap { stage in
        seconds[stage].map { (stage.rawValue, .double(($0 * 1e6).rounded() / 1e6)) }
      })
  }
}
