import DurableIO
import StrictJSON

// How a record becomes a line of at most `LogLine.longest` bytes.
extension ProvenanceLog {
  /// What recovery and verification compare stays in the line, whatever its length.
  private static let inLine: Set<String> = [
    "in", "out", "chain_sha256", "scan", "log", "continues", "public_key", "unfinished_run", "torn_file", "job_sha256",
  ]
  /// What takes no more room than a part's name and digest would.
  private static let shortest = 1024

  /// Keeps a value in a file of its own beside the log, on the disk before any record can name it.
  ///
  /// - Returns: what the record is to hold in its place.
  package func keep(_ value: JSONOutput) throws(ProvenanceFailure) -> KeptPart {
    let content = Array(value.encoded().utf8)
    let part = KeptPart(content)
    try durably { () throws(DurableFailure) in try folder.keep(part, content) }
    return part
  }

  /// A record's line. Where it would be too long, its longest members are kept in files of their own.
  func fittedLine(
    after chain: LogChain, _ type: RecordType, _ fields: [(String, JSONOutput)], at time: Timestamp
  ) throws(ProvenanceFailure) -> [UInt8] {
    do {
      return try Self.line(after: chain, type, fields, at: time)
    } catch .unwritable(let problem) where problem.kind == .tooLong {
      return try Self.line(after: chain, type, try shortened(fields), at: time)
    }
  }

  private func shortened(_ fields: [(String, JSONOutput)]) throws(ProvenanceFailure) -> [(String, JSONOutput)] {
    var shortened = fields
    let lengths = fields.map { $0.1.encoded().utf8.count }
    var length = lengths.reduce(0, +)
    let movable = fields.indices.filter {
      !Self.inLine.contains(fields[$0].0) && lengths[$0] > Self.shortest && fields[$0].1.isComposite
    }
    // Half a line leaves room for the other members' keys.
    for index in movable.sorted(by: { lengths[$0] > lengths[$1] }) where length > LogLine.longest / 2 {
      shortened[index].1 = try keep(fields[index].1).json
      length -= lengths[index]
    }
    return shortened
  }

  /// Reads its own line back, so that no record can be written that a reader would refuse.
  static func line(
    after chain: LogChain, _ type: RecordType, _ fields: [(String, JSONOutput)], at time: Timestamp
  ) throws(ProvenanceFailure) -> [UInt8] {
    let number = chain.lines + 1
    guard let prev = chain.previous else {
      throw .unwritable(Problem(.genesis, line: number, expected: "a log with a name", found: "none"))
    }
    let line = LogLine.bytes(seq: chain.next, prev: prev, time: time, type: type, fields: fields)
    guard line.count <= LogLine.longest else {
      let expected = "at most \(LogLine.longest) bytes"
      throw .unwritable(Problem(.tooLong, line: number, expected: expected, found: "\(line.count)"))
    }
    do {
      _ = try LogLine(line, number: number)
    } catch {
      throw .unwritable(error)
    }
    return line
  }
}

extension JSONOutput {
  /// A text so long is no fact of a run, but a defect.
  fileprivate var isComposite: Bool {
    switch self {
    case .array, .object: true
    default: false
    }
  }
}
