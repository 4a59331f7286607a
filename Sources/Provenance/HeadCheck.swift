import ByteStreams

/// Compares the head beside a log, and copies of heads that were kept elsewhere, with the lines that they vouch for.
///
/// The sizes that they claim are noted while the lines go by, so that the log is read once.
struct HeadCheck {
  let hasHead: Bool
  private let head: HeadNote?
  private let copies: [HeadCopies]
  /// Keys that whoever asks believes; empty when nobody said which.
  private let trusted: [PublicKey]

  private let claimedSizes: Set<Int>
  /// The log's own heads at the claimed sizes.
  private var own: [Int: LogHead] = [:]

  /// - Parameter head: the bytes beside the log; nil when there are none.
  init(head: [UInt8]?, copies: [HeadCopies], trusted: [PublicKey]) {
    hasHead = head != nil
    self.head = head.flatMap { HeadNote($0) }
    (self.copies, self.trusted) = (copies, trusted)
    let notes = [self.head] + copies.flatMap { $0.copies.map(\.note) }
    claimedSizes = Set(notes.compactMap { $0?.head.size })
  }

  /// To be told after each line.
  mutating func pass(_ chain: LogChain) {
    if claimedSizes.contains(chain.tree.count) { own[chain.tree.count] = chain.head }
  }

  /// The longest that any head of this log says that it was.
  func mostLines(of logID: String?) -> Int {
    let notes = [head] + copies.flatMap { $0.copies.map(\.note) }
    return notes.compactMap { $0?.head }.filter { $0.logID == logID }.map(\.size).max() ?? head?.head.size ?? 0
  }

  /// The key that signed the head beside the log, when one did.
  func signer(_ history: LogHistory) -> PublicKey? {
    guard let head, let key = history.key(at: head.head.size), head.isSigned(by: key) else { return nil }
    return key
  }

  /// Whether a run died between beginning a log that continues another one and writing its first head.
  func isOfEarlierLog(_ chain: LogChain, _ history: LogHistory) -> Bool {
    guard chain.lines == 1, let head else { return false }
    return history.continues == head.head
  }

  /// How many copies are of this log.
  func copiesOf(_ logID: String?) -> Int {
    copies.flatMap(\.copies).count { $0.note?.head.logID == logID }
  }

  /// Once all lines have gone by.
  func compare(with chain: LogChain, _ history: LogHistory) -> (problems: [Problem], warnings: [Problem]) {
    let beside = besideProblems(chain, history)
    let problems = beside + copies.flatMap { copyProblems($0, chain, history) }
    guard beside.isEmpty, let covered = own[head?.head.size ?? 0]?.size, covered < chain.lines else {
      return (problems, [])
    }
    let lines = chain.lines
    let warning = Problem(
      .notCovered, line: covered + 1, expected: "a head of \(lines) lines", found: "\(covered)")
    return (problems, [warning])
  }

  private func besideProblems(_ chain: LogChain, _ history: LogHistory) -> [Problem] {
    guard hasHead else {
      // The first line is written before the first head.
      guard chain.lines > 1 else { return [] }
      return [Problem(.head, line: nil, expected: "a head that covers the log", found: "none")]
    }
    // Nor does the head come first where a log continues another: until then, the other's lies there.
    if isOfEarlierLog(chain, history) { return [] }
    guard let head else {
      return [Problem(.head, line: nil, expected: "origin, size, root, and signatures", found: "something else")]
    }
    return lineProblems(head, .head, "the head", chain) ?? besideSignature(head, history)
  }

  /// What a head says about lines that is not so; nil when all is.
  private func lineProblems(_ note: HeadNote, _ kind: Problem.Kind, _ name: String, _ chain: LogChain) -> [Problem]? {
    let size = note.head.size
    guard size <= chain.tree.count else {
      let found = "\(chain.tree.count)"
      return [Problem(.truncated, line: nil, expected: "the \(size) lines of \(name)", found: found)]
    }
    guard note.head == own[size] else {
      let root = own[size]?.root.hex ?? "a log with a name"
      return [Problem(kind, line: nil, expected: "\(name) over the first \(size) lines: \(root)", found: "another")]
    }
    return nil
  }

  private func besideSignature(_ note: HeadNote, _ history: LogHistory) -> [Problem] {
    let problems = signatureProblems(note, "the head", history)
    guard problems.isEmpty, !trusted.isEmpty else { return problems }
    let key = history.key(at: note.head.size)
    if let key, trusted.contains(key) { return [] }
    let found = key?.description ?? "no signature"
    return [Problem(.signature, line: nil, expected: "the head signed by a key that was given", found: found)]
  }

  /// Whether the key that the log names has signed. Of copies no more is asked: they must fit the log, which the head
  /// beside it vouches for.
  private func signatureProblems(_ note: HeadNote, _ name: String, _ history: LogHistory) -> [Problem] {
    func problem(_ expected: String, _ found: String) -> [Problem] {
      [Problem(.signature, line: nil, expected: "\(name) \(expected)", found: found)]
    }
    guard let key = history.key(at: note.head.size) else {
      return note.isSigned ? problem("without a signature, as no key stands in the log so far", "one") : []
    }
    if note.isSigned(by: key) { return [] }
    return problem("signed by \(key)", note.isSigned ? "a signature that is not this key's" : "no signature")
  }

  /// Copies of a log that this output root had, and that this one neither is nor continues.
  private func otherLogs(in copies: HeadCopies, _ chain: LogChain, _ history: LogHistory) -> [Problem] {
    guard !copies.mayBeNone, let id = chain.logID else { return [] }
    return copies.others(of: id).filter { !history.continuedLogs.contains($0) }.map { other in
      let expected = "this log to continue every other log of its output root"
      return Problem(.anchor, line: 1, expected: expected, found: "copies of heads of \(other), which is gone")
    }
  }

  private func copyProblems(_ copies: HeadCopies, _ chain: LogChain, _ history: LogHistory) -> [Problem] {
    var problems = otherLogs(in: copies, chain, history)
    var ofThisLog = 0
    for copy in copies.copies {
      guard let note = copy.note else {
        // A folder may be shared with other logs; a damaged file counts when its name says that it is this log's.
        guard let id = chain.logID, copy.name.hasPrefix(id) else { continue }
        problems.append(Problem(.anchor, line: nil, expected: "\(copy.name) to be a head", found: "something else"))
        continue
      }
      guard note.head.logID == chain.logID else { continue }
      ofThisLog += 1
      problems +=
        lineProblems(note, .anchor, copy.name, chain)
        ?? (copy.isNote ? signatureProblems(note, copy.name, history) : [])
    }
    guard ofThisLog == 0, problems.isEmpty, !copies.mayBeNone else { return problems }
    return [Problem(.anchor, line: nil, expected: "a copy of a head of this log", found: "none")]
  }
}
