import ByteStreams
import DurableIO

/// A log read from its beginning to its end, once: the one reader behind continuing and verifying.
struct LogScan {
  /// Where the first line that cannot belong there stands, and how things stood before it.
  struct Break {
    let chain: LogChain
    let history: LogHistory
    /// Bytes before it.
    let bytes: Int
    /// False for a line that has the form of one but does not fit: then something else was changed.
    let isMalformed: Bool
    /// Has NUL bytes: blocks of the file that were not yet written when the power failed.
    let hasZeros: Bool
    /// It has no line end.
    let isTorn: Bool
    /// Itself included.
    var lines = 1
  }

  private(set) var chain = LogChain()
  private(set) var history: LogHistory
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private(set) var firstBreak: Break?
  /// Bytes of the file.
  private(set) var bytes = 0

  private(set) var heads: HeadCheck
  private var splitter = LineSplitter()

  /// - Parameters:
  ///   - file: nil reads as an empty log.
  ///   - heads: what the lines are compared with.
  ///   - earlier: what earlier logs told.
  init(_ file: StoredFile?, heads: HeadCheck, after earlier: LogHistory) throws(DurableFailure) {
    (self.heads, history) = (heads, earlier)
    try file?.forEachPiece { piece in
      take(piece)
      return true
    }
    takeRest()
    let found = self.heads.compare(with: chain, history)
    problems += found.problems
    warnings += found.warnings
  }

  /// Whether all that is wrong is the end that a run which was cut off leaves, behind all that a head vouches for: the next
  /// run cuts it off and goes on.
  var isCutOff: Bool {
    guard let firstBreak, !losesCoveredLines else { return false }
    return firstBreak.isMalformed && (firstBreak.isTorn && firstBreak.lines == 1 || firstBreak.hasZeros)
  }

  /// The problems that such an end explains, and the others.
  var sortedProblems: (cutOff: [Problem], others: [Problem]) {
    guard isCutOff, let firstLine = firstBreak.map({ $0.chain.lines + 1 }) else { return ([], problems) }
    func isExplained(_ problem: Problem) -> Bool { problem.line.map { $0 >= firstLine } ?? false }
    return (problems.filter(isExplained), problems.filter { !isExplained($0) })
  }

  /// Whether a head vouches for lines at or after the break.
  var losesCoveredLines: Bool { (firstBreak?.chain ?? chain).lines < heads.mostLines(of: chain.logID) }

  private mutating func take(_ piece: UnsafeRawBufferPointer) {
    var lines: [LineSplitter.Line] = []
    splitter.take(piece) { lines.append($0) }
    for line in lines { take(line) }
  }

  private mutating func take(_ line: LineSplitter.Line) {
    firstBreak?.lines += 1
    let before = chain
    let (parsed, found) = chain.check(line)
    if !found.isEmpty { noteBreak(before, isMalformed: parsed == nil, hasZeros: line.hasZeros) }
    problems += found
    bytes += line.count + 1
    heads.pass(chain)
    guard let parsed else { return }
    let events = history.take(parsed, number: chain.lines)
    problems += events.problems
    warnings += events.warnings
  }

  private mutating func takeRest() {
    guard splitter.restCount > 0 else { return }
    firstBreak?.lines += 1
    noteBreak(chain, isMalformed: true, hasZeros: splitter.rest.contains(0), isTorn: true)
    bytes += splitter.restCount
    let found = "\(splitter.restCount) bytes without one"
    problems.append(Problem(.torn, line: chain.lines + 1, expected: "a line end", found: found))
  }

  private mutating func noteBreak(_ before: LogChain, isMalformed: Bool, hasZeros: Bool, isTorn: Bool = false) {
    guard firstBreak == nil else { return }
    firstBreak = Break(
      chain: before, history: history, bytes: bytes, isMalformed: isMalformed, hasZeros: hasZeros, isTorn: isTorn)
  }
}

extension LineSplitter.Line {
  fileprivate var count: Int {
    switch self {
    case .whole(let bytes): bytes.count
    case .tooLong(let count): count
    }
  }

  fileprivate var hasZeros: Bool {
    if case .whole(let bytes) = self { return bytes.contains(0) }
    return false
  }
}

extension LogScan {
  /// Reads a log and its head; either may be missing.
  ///
  /// - Parameters:
  ///   - keys: those that may sign heads; empty where nobody said.
  ///   - copies: heads that were kept elsewhere.
  ///   - earlier: what earlier logs told.
  init(
    _ place: LogPlace, beneath folder: OpenFolder, keys: [PublicKey] = [], copies: [HeadCopies] = [],
    after earlier: LogHistory = LogHistory()
  ) throws(DurableFailure) {
    let head = try Self.present { () throws(DurableFailure) in
      try folder.publishedFile(at: place.head).bytes(limit: HeadCopies.longest)
    }
    try self.init(
      try Self.present { () throws(DurableFailure) in try folder.publishedFile(at: place.log) },
      heads: HeadCheck(head: head, copies: copies, trusted: keys), after: earlier)
  }

  private static func present<Value>(_ open: () throws(DurableFailure) -> Value) throws(DurableFailure) -> Value? {
    do {
      return try open()
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }
}
