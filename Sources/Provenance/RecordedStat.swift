import ByteStreams
import StrictJSON

/// The size, times and inode that the files of a scan and its output had when they were last read or written.
package struct RecordedStat: Hashable, Sendable {
  /// In the order of the record's `in`; nil for a file that could have changed without showing it.
  package let inputs: [RecordedFacts?]
  package let output: RecordedFacts?

  package init(inputs: [RecordedFacts?], output: RecordedFacts?) {
    (self.inputs, self.output) = (inputs, output)
  }

  /// Of the member `stat`; nil when it is missing or of another form.
  init?(_ node: JSONNode) {
    guard let inputs = node["in"]?.array, let output = node["out"] else { return nil }
    self.init(inputs: inputs.map(RecordedFacts.init), output: RecordedFacts(output))
  }

  package var json: JSONOutput {
    .object([("in", .array(inputs.map { $0?.json ?? .null })), ("out", output?.json ?? .null)])
  }
}

/// How a file looked, as the log tells it.
package enum RecordedFacts: Hashable, Sendable {
  case plain(FileFacts)
  /// A keyed hash, where names are such: the times of a scan's file may be those of the examination.
  case hidden(String)

  init?(_ node: JSONNode) {
    if let hash = node.string {
      self = .hidden(hash)
    } else if let facts = FileFacts(node) {
      self = .plain(facts)
    } else {
      return nil
    }
  }

  var json: JSONOutput {
    switch self {
    case .hidden(let hash): .string(hash)
    case .plain(let facts): facts.json
    }
  }
}

extension FileFacts {
  fileprivate init?(_ node: JSONNode) {
    guard let bytes = node["bytes"]?.int, let modified = Self.time("mtime", of: node),
      let changed = Self.time("ctime", of: node), let inode = node["inode"]?.int
    else { return nil }
    self.init(bytes: bytes, modified: modified, changed: changed, inode: UInt64(bitPattern: Int64(inode)))
  }

  /// Seconds and nanoseconds are numbers of their own: together they are more digits than a Double holds.
  fileprivate var json: JSONOutput {
    .object(
      [("bytes", .int(bytes))] + Self.members("mtime", modified) + Self.members("ctime", changed) + [
        ("inode", .int(Int(Int64(bitPattern: inode))))
      ])
  }

  private static let second = 1_000_000_000

  private static func members(_ name: String, _ time: Int) -> [(String, JSONOutput)] {
    let (seconds, rest) = time.quotientAndRemainder(dividingBy: second)
    return [("\(name)_s", .int(seconds)), ("\(name)_ns", .int(rest))]
  }

  private static func time(_ name: String, of node: JSONNode) -> Int? {
    guard let seconds = node["\(name)_s"]?.int, let rest = node["\(name)_ns"]?.int else { return nil }
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: second)
    return overflow ? nil : whole &+ rest
  }
}
