import ByteStreams
import StrictJSON

/// What a log says has been done, for a run that continues and a verifier that compares.
package struct LogHistory: Sendable {
  package struct Entry: Sendable {
    /// Counted from 1.
    package let line: Int
    package let record: ScanRecord
    /// The `run_start` that it belongs to; nil when there is none.
    package let run: JSONNode?
    /// Counts the runs that the logs tell of: entries with the same number have the same run.
    package let runNumber: Int
    /// Whose work it is; nil when there is no run, or none that says so.
    package let owner: RunOwner?
    /// When it was written, as the line says.
    package let time: String
    /// How the files looked when they were read and written, or compared last.
    package fileprivate(set) var stat: RecordedStat?
    /// What it took.
    package let effort: Effort?
    /// The name of the earlier log that it stands in; nil for the log itself.
    fileprivate(set) var log: String?
  }

  /// How much work an output was.
  package struct Effort: Hashable, Sendable {
    package let voxels: Int
    /// That its scan waited for all stages.
    package let seconds: Double

    fileprivate init?(_ node: JSONNode) {
      let dims = node["dims"]?.array?.compactMap(\.int) ?? []
      let stages = node["seconds"]?.members?.compactMap(\.node.double) ?? []
      guard !dims.isEmpty, !stages.isEmpty else { return nil }
      voxels = dims.reduce(1) { $0.multipliedReportingOverflow(by: max(0, $1)).partialValue }
      seconds = stages.reduce(0, +)
    }
  }

  /// Why a scan failed.
  private struct Failure {
    let failureClass: String
    let job: String?
  }

  /// The last `output` of each output name.
  package private(set) var outputs = NamedEntries()
  /// Announced by `prepared` and not followed by their `output`: the file may or may not have its final name.
  package private(set) var prepared = NamedEntries()
  /// Announced before that by runs that died: the file may still be one of those.
  private var announcedBefore: [ExactName: [Entry]] = [:]
  /// The names of the outputs that were made of each scan.
  private var made: [ExactName: Set<ExactName>] = [:]
  /// Scans whose use was withdrawn.
  package private(set) var withdrawn = Withdrawals()
  /// Scans that failed; those that never had an output are known by nothing else.
  private var failed: Set<ExactName> = []
  /// Parts of records in files of their own, with the line that names each first.
  private(set) var keptParts: [KeptPart: Int] = [:]
  /// Scans whose last attempt failed, with the class of the failure.
  private var failures: [ExactName: Failure] = [:]
  private var run: JSONNode?
  private var runs = 0
  private var owner: RunOwner?
  /// What runs said about their input roots, each once; what was said last stands last.
  package private(set) var archives: [ArchiveMark] = []
  /// Whose outputs have been taken over, by whom.
  package private(set) var adoptions: [RunOwner: Set<RunOwner>] = [:]
  /// The line of a `run_start` that nothing ended.
  package private(set) var openRun: Int?
  /// The keys that signed the log's heads, and the line from which on each did.
  private var keys: [(line: Int, key: PublicKey)] = []
  /// Digests of torn ends that a `recovery` told of.
  private(set) var tornEnds: Set<String> = []
  private var lastTime = ""
  /// The names of the logs that came before, as far as one continues the other.
  private(set) var continuedLogs: Set<String> = []
  /// The last head of the log that this one continues.
  private(set) var continues: LogHead?

  init() {}

  /// Where there is no log yet.
  package static let none = LogHistory()

  /// What is known when a log begins that continues another one.
  init(after earlier: LogHistory, named log: String) {
    func earlierEntry(_ entry: Entry) -> Entry {
      var entry = entry
      entry.log = entry.log ?? log
      return entry
    }
    outputs = earlier.outputs.mapValues(earlierEntry)
    prepared = earlier.prepared.mapValues(earlierEntry)
    announcedBefore = earlier.announcedBefore.mapValues { $0.map(earlierEntry) }
    made = earlier.made
    (withdrawn, failed, keptParts) = (earlier.withdrawn, earlier.failed, earlier.keptParts)
    (tornEnds, lastTime) = (earlier.tornEnds, earlier.lastTime)
    (runs, archives, adoptions) = (earlier.runs, earlier.archives, earlier.adoptions)
    continuedLogs = earlier.continuedLogs
    failures = earlier.failures
  }

  /// The outputs in the order of their records, those of earlier logs first.
  package var inOrder: [Entry] { outputs.inOrder }

  /// Every announcement that no `output` has followed, the last one of each name first.
  func announcements(of name: String) -> [Entry] {
    (prepared[name].map { [$0] } ?? []) + (announcedBefore[ExactName(name)] ?? [])
  }

  /// The class of a scan's failure, where its last attempt failed.
  package func failureClass(of scan: String) -> String? { failures[ExactName(scan)]?.failureClass }

  /// The outputs that were made of a scan.
  package func entries(of scan: String) -> [Entry] {
    let entries = (made[ExactName(scan)] ?? []).compactMap { outputs[$0.text] ?? prepared[$0.text] }
    // An output may since have been made of another scan.
    return entries.filter { $0.record.inputs.contains { $0.isOfScan && isSame($0.name, scan) } }.inOrder
  }

  /// Every scan that any record names.
  package var scans: [String] {
    let recorded = (outputs.inOrder + prepared.inOrder + withdrawn.outputs.inOrder).flatMap { entry in
      entry.record.inputs.filter(\.isOfScan).map { ExactName($0.name) }
    }
    return Set(recorded).union(failed).map(\.text)
  }

  /// The key that must have signed a head of so many lines; nil while heads are unsigned.
  ///
  /// A key that came later has no say about lines before it.
  package func key(at size: Int) -> PublicKey? { keys.last { $0.line <= size }?.key }

  /// Takes the next line and says what in the order of events is wrong.
  mutating func take(_ line: LogLine, number: Int) -> (problems: [Problem], warnings: [Problem]) {
    var warnings: [Problem] = []
    if line.time < lastTime {
      warnings.append(Problem(.timeGoesBack, line: number, expected: "\(lastTime) or later", found: line.time))
    }
    lastTime = line.time
    for part in KeptPart.all(in: line.node) where keptParts[part] == nil { keptParts[part] = number }
    guard let type = RecordType(rawValue: line.type) else {
      // The text of an unknown type is not printed: it is whatever someone wrote there.
      return ([], warnings + [Problem(.unknownType, line: number, expected: "a known type", found: "another")])
    }
    return (take(type, line, number), warnings)
  }

  private mutating func take(_ type: RecordType, _ line: LogLine, _ number: Int) -> [Problem] {
    switch type {
    case .genesis:
      number == 1
        ? begin(line) : [Problem(.genesis, line: number, expected: "it on line 1 only", found: "another")]
    case .runStart: startRun(line, number)
    case .runEnd: endRun(number)
    case .recovery: recover(line)
    case .key: takeKey(line, number)
    case .kernel: inRun(number)
    case .scanFailed: inRun(number) + takeFailure(line)
    case .retired, .readmitted: takeWithdrawal(type, line, number)
    case .unchanged: inRun(number) + takeUnchanged(line)
    case .prepared, .output: inRun(number) + takeScan(type, line, number)
    }
  }

  private mutating func begin(_ line: LogLine) -> [Problem] {
    continues = LogHead(continuedBy: line.node)
    if let continues { continuedLogs.insert(continues.logID) }
    guard continues == nil, line.node["continues"] != nil else { return [] }
    return [Problem(.genesis, line: 1, expected: "the last head of the log before", found: "something else")]
  }

  private mutating func startRun(_ line: LogLine, _ number: Int) -> [Problem] {
    run = line.node
    runs += 1
    takeOwner(line.node)
    defer { openRun = number }
    guard let openRun else { return [] }
    return [Self.unfinished(openRun, found: "a new run on line \(number)")]
  }

  private mutating func takeOwner(_ run: JSONNode) {
    if let archive = run["archive"].flatMap(ArchiveMark.init) {
      archives.removeAll { $0 == archive }
      archives.append(archive)
    }
    if !failures.isEmpty { failures = failures.filter { $0.value.job != run["job"]?.string } }
    let adopted = RunOwner.adopted(by: run)
    owner = RunOwner(run)
    if let owner, !adopted.isEmpty { adoptions[owner, default: []].formUnion(adopted) }
  }

  private mutating func endRun(_ number: Int) -> [Problem] {
    defer { openRun = nil }
    return inRun(number)
  }

  private mutating func recover(_ line: LogLine) -> [Problem] {
    if let digest = line.node["torn_sha256"]?.string { tornEnds.insert(digest) }
    if let run = openRun, line.node["unfinished_run"]?.int == run - 1 { openRun = nil }
    return []
  }

  private mutating func takeKey(_ line: LogLine, _ number: Int) -> [Problem] {
    guard let key = PublicKey(record: line.node) else {
      return [Problem(.record, line: number, expected: "an Ed25519 public key", found: "something else")]
    }
    keys.append((number, key))
    return []
  }

  private mutating func takeFailure(_ line: LogLine) -> [Problem] {
    guard let scan = line.node["scan"]?.string else { return [] }
    failed.insert(ExactName(scan))
    guard let name = line.node["class"]?.string else { return [] }
    failures[ExactName(scan)] = Failure(failureClass: name, job: run?["job"]?.string)
    return []
  }

  /// Files that look otherwise than recorded and are the same all the same.
  private mutating func takeUnchanged(_ line: LogLine) -> [Problem] {
    guard let name = line.node["output"]?.string, let stat = line.node["stat"].flatMap(RecordedStat.init) else {
      return []
    }
    outputs[name]?.stat = stat
    return []
  }

  private func inRun(_ number: Int) -> [Problem] {
    openRun == nil ? [Problem(.run, line: number, expected: "a run_start before it", found: "none")] : []
  }

  private mutating func takeScan(_ type: RecordType, _ line: LogLine, _ number: Int) -> [Problem] {
    guard let record = ScanRecord(line.node) else {
      return [Problem(.record, line: number, expected: "inputs, output and chain digest", found: "less or others")]
    }
    let entry = Entry(
      line: number, record: record, run: run, runNumber: runs, owner: owner, time: line.time,
      stat: line.node["stat"].flatMap(RecordedStat.init), effort: Effort(line.node))
    let name = record.output.name
    for input in record.inputs where input.isOfScan { made[ExactName(input.name), default: []].insert(ExactName(name)) }
    guard type == .output else {
      if let before = prepared[name], before.record != record {
        announcedBefore[ExactName(name), default: []] += [before]
      }
      prepared[name] = entry
      return []
    }
    outputs[name] = entry
    announcedBefore[ExactName(name)] = nil
    if let scan = record.inputs.first?.name { failures[ExactName(scan)] = nil }
    guard prepared.removeValue(forKey: name)?.record == record else {
      return [Problem(.prepared, line: number, expected: "the same output prepared before", found: "none")]
    }
    return []
  }

  private mutating func takeWithdrawal(_ type: RecordType, _ line: LogLine, _ number: Int) -> [Problem] {
    guard let scan = line.node["scan"]?.string else {
      return [Problem(.record, line: number, expected: "the name of a scan", found: "none")]
    }
    guard type == .retired else {
      withdrawn.remove(scan)
      return []
    }
    let entries = entries(of: scan)
    withdrawn.add(scan, entries)
    for entry in entries {
      outputs.removeValue(forKey: entry.record.output.name)
      prepared.removeValue(forKey: entry.record.output.name)
      announcedBefore[ExactName(entry.record.output.name)] = nil
    }
    return []
  }

  static func unfinished(_ run: Int, found: String) -> Problem {
    Problem(.run, line: run, expected: "a run_end for this run_start", found: found)
  }
}
