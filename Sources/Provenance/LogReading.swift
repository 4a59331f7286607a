import ByteStreams
import DurableIO

/// A log read together with those that it continues, from the oldest on.
struct LogReading {
  /// Of the log itself; its history holds what the earlier ones told, too.
  let scan: LogScan
  let earlier: EarlierLogs

  /// What is wrong, but for the end that a run which was cut off leaves.
  var problems: [Problem] { earlier.problems + earlier.joint(with: scan) + scan.sortedProblems.others }
  var warnings: [Problem] { earlier.warnings + scan.warnings }
  var lines: Int { earlier.lines + scan.chain.lines }
  /// Heads that were kept elsewhere and are of one of the logs.
  var copies: Int { earlier.copies + scan.heads.copiesOf(scan.chain.logID) }

  init(
    _ place: LogPlace, beneath folder: OpenFolder, keys: [PublicKey] = [], copies: [HeadCopies] = []
  ) throws(DurableFailure) {
    var earlier = EarlierLogs()
    for part in try Self.logs(before: place, in: folder) {
      let scan = try LogScan(part, beneath: folder, copies: copies.map(\.optional), after: earlier.history)
      earlier.take(scan, as: part)
    }
    self.earlier = earlier
    scan = try LogScan(place, beneath: folder, keys: keys, copies: copies, after: earlier.history)
  }

  /// The logs that a log continues, the oldest first, as far as they are there.
  private static func logs(before place: LogPlace, in folder: OpenFolder) throws(DurableFailure) -> [LogPlace] {
    var places: [LogPlace] = []
    var names: Set<String> = [place.log]
    var place = place
    while let head = try continued(by: place, in: folder) {
      place = .earlier(head.logID)
      guard try isThere(place, in: folder), names.insert(place.log).inserted else { break }
      places.insert(place, at: 0)
    }
    return places
  }

  private static func isThere(_ place: LogPlace, in folder: OpenFolder) throws(DurableFailure) -> Bool {
    let kind = try folder.status(of: place.log)?.kind
    return kind == .file || kind == .link
  }

  private static func continued(by place: LogPlace, in folder: OpenFolder) throws(DurableFailure) -> LogHead? {
    guard try isThere(place, in: folder) else { return nil }
    return try LogLine.first(of: folder.publishedFile(at: place.log)).flatMap { LogHead(continuedBy: $0.node) }
  }
}

/// What the logs told that another one continues.
struct EarlierLogs {
  private(set) var count = 0
  private(set) var lines = 0
  private(set) var history = LogHistory()
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private(set) var copies = 0
  private(set) var logIDs: Set<String> = []
  /// The key that signed the last head.
  private(set) var key: PublicKey?
  private var last: LogHead?

  /// Takes the next one.
  mutating func take(_ scan: LogScan, as part: LogPlace) {
    let unfinished = scan.history.openRun.map { LogHistory.unfinished($0, found: "the end of the log") }
    let found = joint(with: scan) + scan.problems + (unfinished.map { [$0] } ?? [])
    problems += found.map { $0.inEarlier(part.log) }
    warnings += scan.warnings.map { $0.inEarlier(part.log) }
    count += 1
    lines += scan.chain.lines
    copies += scan.heads.copiesOf(scan.chain.logID)
    key = scan.history.key(at: scan.chain.lines)
    last = scan.chain.head
    if let id = scan.chain.logID { logIDs.insert(id) }
    history = LogHistory(after: scan.history, named: part.log)
  }

  /// Whether the next log goes on from exactly where the last one ended.
  func joint(with next: LogScan) -> [Problem] {
    guard let wanted = next.history.continues, wanted != last else { return [] }
    let expected = "\(LogPlace.earlier(wanted.logID).log) with \(wanted.size) lines and root \(wanted.root)"
    let found = last?.logID == wanted.logID ? "it otherwise" : "none"
    return [Problem(.continued, line: 1, expected: expected, found: found)]
  }
}
