import Jobs

/// Shows a run's events to whoever watches.
protocol ProgressReport: Sendable {
  func report(_ event: RunEvent)
}

/// What `--progress` accepts.
enum ProgressStyle: String, CaseIterable, Sendable {
  case auto, bar, plain, json, none

  /// The report to use: a bar where somebody can watch it, a line per scan elsewhere.
  func report(messages: Messages) -> any ProgressReport {
    switch self {
    case .auto where messages.quiet: SilentReport(messages: messages)
    case .auto where Terminal.isInteractive && messages.format == .text: BarReport(messages: messages)
    case .auto, .plain: PlainReport(messages: messages)
    case .bar: BarReport(messages: messages)
    case .json: JSONReport(run: messages.run ?? "")
    case .none: SilentReport(messages: messages)
    }
  }
}

/// Only failures are told; they never are silent.
struct SilentReport: ProgressReport {
  let messages: Messages
  private let repeated = RepeatedFailures()

  init(messages: Messages) { self.messages = messages }

  func report(_ event: RunEvent) {
    guard case .scanFinished(let scan) = event, case .failed(let failure) = scan.outcome, repeated.isNews(failure)
    else { return }
    messages.failure(failure, of: scan.name, "\(scan.name): \(failure)")
  }
}

/// The sentence for one finished scan, the same in the bar's history and in plain lines.
enum ScanSentence {
  static func text(_ scan: ScanReport) -> String {
    switch scan.outcome {
    case .done: "\(scan.name): done in \(Wording.duration(scan.times.total))\(remarks(scan))"
    case .upToDate: "\(scan.name): up to date"
    case .recovered: "\(scan.name): recovered from an interrupted run"
    case .failed(let failure): "\(scan.name): failed: \(failure)"
    }
  }

  private static func remarks(_ scan: ScanReport) -> String {
    var parts: [String] = []
    if scan.clipped > 0 { parts.append("\(scan.clipped) voxels clipped") }
    if scan.nonFinite > 0 { parts.append("\(scan.nonFinite) non-finite voxels in the input") }
    let own = scan.findings.dropLast(scan.gridFindings)
    if !own.isEmpty { parts.append("findings: " + own.map(\.code).joined(separator: ", ")) }
    return parts.isEmpty ? "" : " (" + parts.joined(separator: "; ") + ")"
  }
}
