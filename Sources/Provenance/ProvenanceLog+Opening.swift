import ByteStreams
import DurableIO
import StrictJSON

extension ProvenanceLog {
  /// Opens the log of an output tree for continuing, or begins it.
  ///
  /// A last line that a crash tore is moved to `provenance.jsonl.torn-…`, a run that a crash ended is closed, and a
  /// `recovery` record tells of each. Any other damage is refused.
  ///
  /// - Parameters:
  ///   - lock: shows that this process is the only writer.
  ///   - names: in the root, since the lock was taken; `nil` where nobody has listed them yet.
  ///   - options: of the key and the copies of heads.
  ///   - clock: what the records' times come from.
  /// - Complexity: reads the whole log once.
  package static func open(
    in folder: OutputFolder, holding lock: FolderLock, names: [String]? = nil, options: Options = Options(),
    clock: @escaping @Sendable () -> Timestamp = Timestamp.now
  ) throws(ProvenanceFailure) -> ProvenanceLog {
    try durably { () throws(DurableFailure) in try folder.takeOutOfAnnex(name) }
    let reading = try durably { () throws(DurableFailure) in try LogReading(of: folder, anchors: options.anchors) }
    let scan = reading.scan
    if let problem = (reading.earlier.problems + reading.earlier.joint(with: scan)).first { throw .broken(problem) }
    try scan.requireContinuable()
    let key = scan.history.key(at: scan.chain.lines) ?? reading.earlier.key
    if key != nil, options.key == nil { throw .keyMissing }
    let torn = try durably { () throws(DurableFailure) in try saveTornEnd(scan, in: folder) }
    let file = try durably { () throws(DurableFailure) in
      let file = try AppendOnlyFile(name, in: folder)
      if let end = scan.firstBreak?.bytes { try file.truncate(to: end) }
      return file
    }
    let history = scan.firstBreak?.history ?? scan.history
    let log = ProvenanceLog(
      scan.beginning(), history: history, file: file, folder: folder, lock: lock,
      options: options, clock: clock)
    try log.begin(hadHead: scan.heads.hasHead && !scan.heads.isOfEarlierLog(scan.chain, scan.history))
    try log.recordRecoveries(torn, among: names)
    try log.takeUpKey()
    guard let limit = options.longest, scan.bytes >= limit else { return log }
    let next = try log.rotated()
    try next.takeUpKey()
    return next
  }

  /// What a run would know that opened the log now. For readers beside the writer: nothing is written or locked.
  ///
  /// - Throws: where a run would not continue the log, and when it cannot be read.
  /// - Complexity: reads the whole log once.
  package static func history(beneath root: OpenFolder) throws(ProvenanceFailure) -> LogHistory {
    let reading = try durably { () throws(DurableFailure) in
      try LogReading(LogPlace(log: name), beneath: root)
    }
    if let problem = (reading.earlier.problems + reading.earlier.joint(with: reading.scan)).first {
      throw .broken(problem)
    }
    try reading.scan.requireContinuable()
    return reading.scan.firstBreak?.history ?? reading.scan.history
  }

  /// Writes the first line and the first head where they are missing.
  private func begin(hadHead: Bool) throws(ProvenanceFailure) {
    guard let head else { return }
    if head.size == 0 {
      try append(type: .genesis, fields: Self.genesisFields(of: head.logID))
    }
    if !hadHead { try publishHead() }
  }

  static func genesisFields(of logID: String) -> [(String, JSONOutput)] {
    [("format", .string("medfilter-provenance/1")), ("log", .string(logID))]
  }

  /// Says that from here on another key signs, or the first one; and copies the head that this run starts from to where
  /// copies go, so that a place that takes none is found before any work.
  private func takeUpKey() throws(ProvenanceFailure) {
    if let key = options.key?.publicKey, key != keyInForce {
      try append(type: .key, fields: key.fields)
      try publishHead()
    } else if !options.anchors.isEmpty {
      try publishHead()
    }
  }

  private func recordRecoveries(_ torn: TornEnd?, among names: [String]?) throws(ProvenanceFailure) {
    for end in try tornEndsToRecord(torn, among: names) {
      try append(type: .recovery, fields: end.fields)
    }
    if let line = history.openRun {
      try append(type: .recovery, fields: [("unfinished_run", .int(line - 1))])
    }
  }

  /// The end that was just saved, and those whose run died between saving and telling.
  private func tornEndsToRecord(_ torn: TornEnd?, among names: [String]?) throws(ProvenanceFailure) -> [TornEnd] {
    try durably { () throws(DurableFailure) in
      var ends = torn.map { [$0] } ?? []
      let names = if let names { names } else { try folder.root.names() }
      for file in names where file.hasPrefix(TornEnd.prefix) && file != torn?.file {
        let bytes = try folder.root.publishedFile(at: file).bytes(limit: TornEnd.longest)
        let end = TornEnd(bytes)
        if end.file == file, !history.tornEnds.contains(end.digest.hex) { ends.append(end) }
      }
      return ends
    }
  }

  private static func saveTornEnd(_ scan: LogScan, in folder: OutputFolder) throws(DurableFailure) -> TornEnd? {
    guard let start = scan.firstBreak?.bytes else { return nil }
    let file = try folder.root.file(at: name)
    file.seek(to: start)
    let bytes = try file.bytes(limit: TornEnd.longest)
    let end = TornEnd(bytes)
    // Replacing: the same bytes under the same name, saved by a run that died before it cut them off.
    try folder.publish(bytes, as: end.file, replacing: true)
    return end
  }
}

/// The bytes behind the last whole line, cut off and kept in a file named by their digest.
private struct TornEnd {
  static let prefix = "\(ProvenanceLog.name).torn-"
  static let longest = 64 << 20

  let digest: Digest
  let count: Int

  init(_ bytes: [UInt8]) {
    digest = SHA256.digest(of: bytes)
    count = bytes.count
  }

  var file: String { Self.prefix + String(digest.hex.prefix(16)) }

  var fields: [(String, JSONOutput)] {
    [("torn_bytes", .int(count)), ("torn_sha256", .string(digest.hex)), ("torn_file", .string(file))]
  }
}

extension LogReading {
  /// What a run finds. Its anchors need not know the log yet.
  fileprivate init(of folder: OutputFolder, anchors: [AnchorFolder]) throws(DurableFailure) {
    var copies: [HeadCopies] = []
    for anchor in anchors { copies.append(try HeadCopies(in: anchor.folder).optional) }
    try self.init(LogPlace(log: ProvenanceLog.name), beneath: folder.root, copies: copies)
  }
}

extension LogScan {
  /// Throws what is wrong unless it is only what a crash leaves: one torn line at the end, or an end with blocks of
  /// zeros, in either case behind everything that the head vouches for.
  func requireContinuable() throws(ProvenanceFailure) {
    let mustFit: [Problem.Kind] = [.head, .truncated, .signature, .anchor]
    if let problem = problems.first(where: { mustFit.contains($0.kind) }) { throw .broken(problem) }
    guard let firstBreak else { return }
    let isCrash = firstBreak.isMalformed && (firstBreak.lines == 1 || firstBreak.hasZeros)
    let fits = bytes - firstBreak.bytes <= TornEnd.longest
    if !isCrash || !fits || losesCoveredLines, let problem = problems.first { throw .broken(problem) }
  }

  /// The chain to continue: that of the whole lines, or a new one.
  fileprivate func beginning() -> LogChain {
    var beginning = firstBreak?.chain ?? chain
    if beginning.lines == 0 { beginning.begin(LogID.random()) }
    return beginning
  }
}
