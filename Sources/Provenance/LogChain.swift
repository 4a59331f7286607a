import ByteStreams

/// Where a log stands after some of its lines: what the next line must say, and the root over all so far.
struct LogChain: Sendable {
  /// The `seq` of the next line.
  private(set) var next = 0
  /// What the next line must name as the one before it; nil when that cannot be known.
  private(set) var previous: Digest?
  private(set) var tree = MerkleTree()
  private(set) var logID: String?
  private(set) var lines = 0

  /// The `prev` of the first line: no line comes before it, so it is bound to the log's name instead.
  static func origin(of logID: String) -> Digest {
    SHA256.digest(of: Array("medfilter-provenance/1\n\(logID)".utf8))
  }

  var head: LogHead? { logID.map { LogHead(logID: $0, size: tree.count, root: tree.root) } }

  /// Begins a new log.
  mutating func begin(_ logID: String) {
    self.logID = logID
    previous = Self.origin(of: logID)
  }

  /// Takes a line that continues the log by construction.
  mutating func advance(over line: [UInt8]) {
    let leaf = MerkleTree.leaf(line)
    tree.append(leaf)
    previous = leaf
    next += 1
    lines += 1
  }

  /// Takes the next line of a log that is being read and says what is wrong with it.
  ///
  /// After a problem the line that was found counts, so one deletion is not reported once for every line behind it.
  mutating func check(_ line: LineSplitter.Line) -> (line: LogLine?, problems: [Problem]) {
    let number = lines + 1
    switch line {
    case .tooLong(let count):
      (previous, next, lines) = (nil, next + 1, number)
      let limit = "at most \(LogLine.longest) bytes"
      return (nil, [Problem(.tooLong, line: number, expected: limit, found: "\(count)")])
    case .whole(let bytes):
      defer { advance(over: bytes) }
      if bytes.last == UInt8(ascii: "\r") {
        let problem = Problem(.carriageReturn, line: number, expected: "a bare line feed", found: "CR and LF")
        return (nil, [problem])
      }
      do {
        let line = try LogLine(bytes, number: number)
        return (line, check(line, number))
      } catch {
        return (nil, [error])
      }
    }
  }

  private mutating func check(_ line: LogLine, _ number: Int) -> [Problem] {
    var problems: [Problem] = []
    if number == 1 { problems += checkGenesis(line) }
    if line.seq != next {
      problems.append(Problem(.sequence, line: number, expected: "seq \(next)", found: "\(line.seq)"))
      // Bounded, because what is read there may be any number and is counted on from.
      next = min(line.seq, 1 << 62)
    }
    if let previous, line.prev != previous {
      problems.append(Problem(.chain, line: number, expected: "prev \(previous)", found: "\(line.prev)"))
    }
    return problems
  }

  private mutating func checkGenesis(_ line: LogLine) -> [Problem] {
    guard line.type == RecordType.genesis.rawValue, let id = line.node["log"]?.string, LogID.isWellFormed(id) else {
      return [Problem(.genesis, line: 1, expected: "the record that begins a log", found: "another")]
    }
    begin(id)
    return []
  }
}

/// The name of a log: a random UUID (RFC 9562, version 4), in lower case.
package enum LogID {
  package static func random() -> String {
    var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { hex[$0].joined() }.joined(separator: "-")
  }

  static func isWellFormed(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
      && groups.allSatisfy { $0.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) } }
  }
}
