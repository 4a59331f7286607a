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
    /// Itself included.
    var lines = 1
  }

  private(set) var chain = LogChain()
  private(set) var history = LogHistory()
  private(set) var problems: [Problem] = []
  private(set) var warnings: [Problem] = []
  private(set) var firstBreak: Break?
  /// Bytes of the file.
  private(set) var bytes = 0

  let hasHead: Bool
  private let claimedSize: Int?
  private var splitter = LineSplitter()
  private var headAtClaimedSize: LogHead?

  /// - Parameters:
  ///   - file: nil reads as an empty log.
  ///   - head: the bytes of the head; nil when there is none.
  init(_ file: StoredFile?, head: [UInt8]?) throws(DurableFailure) {
    hasHead = head != nil
    claimedSize = head.flatMap(LogHead.claimedSize)
    try file?.forEachPiece { piece in
      take(piece)
      return true
    }
    takeRest()
    checkHead(head)
  }

  /// Whether the head vouches for lines at or after the break.
  var losesCoveredLines: Bool { (firstBreak?.chain ?? chain).lines < claimedSize ?? 0 }

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
    if chain.tree.count == claimedSize { headAtClaimedSize = chain.head }
    guard let parsed else { return }
    let events = history.take(parsed, number: chain.lines)
    problems += events.problems
    warnings += events.warnings
  }

  private mutating func takeRest() {
    guard splitter.restCount > 0 else { return }
    firstBreak?.lines += 1
    noteBreak(chain, isMalformed: true, hasZeros: splitter.rest.contains(0))
    bytes += splitter.restCount
    let found = "\(splitter.restCount) bytes without one"
    problems.append(Problem(.torn, line: chain.lines + 1, expected: "a line end", found: found))
  }

  private mutating func noteBreak(_ before: LogChain, isMalformed: Bool, hasZeros: Bool) {
    guard firstBreak == nil else { return }
    firstBreak = Break(
      chain: before, history: history, bytes: bytes, isMalformed: isMalformed, hasZeros: hasZeros)
  }

  private mutating func checkHead(_ head: [UInt8]?) {
    guard let head else {
      // The first line is written before the first head.
      guard chain.lines > 1 else { return }
      problems.append(Problem(.head, line: nil, expected: "a head that covers the log", found: "none"))
      return
    }
    guard let claimedSize else {
      problems.append(Problem(.head, line: nil, expected: "three lines: origin, size, root", found: "something else"))
      return
    }
    guard claimedSize <= chain.tree.count else {
      let found = "\(chain.tree.count)"
      problems.append(Problem(.truncated, line: nil, expected: "the \(claimedSize) lines of the head", found: found))
      return
    }
    guard let own = headAtClaimedSize, head == Array(own.text.utf8) else {
      let expected = "the head of the first \(claimedSize) lines: \(headAtClaimedSize?.root.hex ?? "a log with a name")"
      problems.append(Problem(.head, line: nil, expected: expected, found: "another"))
      return
    }
    guard claimedSize < chain.lines else { return }
    let (covered, lines) = (claimedSize, chain.lines)
    warnings.append(Problem(.notCovered, line: covered + 1, expected: "a head of \(lines) lines", found: "\(covered)"))
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
  init(beneath folder: OpenFolder, log: String, head: String) throws(DurableFailure) {
    try self.init(
      try Self.present { () throws(DurableFailure) in try folder.file(at: log) },
      head: try Self.present { () throws(DurableFailure) in try folder.file(at: head).bytes(limit: 4096) })
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
