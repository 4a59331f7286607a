import DurableIO
import StrictJSON
import Synchronization

/// The log of an output tree: one line per event, each naming the hash of the line before.
///
/// Lines are appended in the order in which `append` is called, from any thread. After an error the log takes nothing
/// more, and the run has to stop before it publishes anything else.
package final class ProvenanceLog: Sendable {
  package static let name = "provenance.jsonl"
  package static let headName = "provenance.head"
  /// A head is written at least every so many lines, so that little of a long run can be cut off unnoticed.
  static let linesPerHead = 1000

  /// What earlier runs did, as the log told when it was opened.
  package let history: LogHistory

  let folder: OutputFolder
  private let file: AppendOnlyFile
  // Kept so that nobody else can become the writer while this log can be written.
  private let lock: FolderLock
  private let clock: @Sendable () -> Timestamp
  private let chain: Mutex<LogChain>

  init(
    _ chain: LogChain, history: LogHistory, file: AppendOnlyFile, folder: OutputFolder, lock: FolderLock,
    clock: @escaping @Sendable () -> Timestamp
  ) {
    self.chain = Mutex(chain)
    self.history = history
    self.file = file
    self.folder = folder
    self.lock = lock
    self.clock = clock
  }

  /// Writes one record and the members that chain it to the others.
  ///
  /// - Parameters:
  ///   - fields: the record's own members, in order. No absolute paths, header text or environment.
  ///   - synced: wait until this line and all before it are on the disk. `run_end` always waits.
  /// - Returns: the record's `seq`.
  /// - Throws: `.unwritable` for a record over 1 MiB or with a key twice; then nothing was written.
  @discardableResult
  package func append(
    type: RecordType, fields: [(String, JSONOutput)], synced: Bool = true
  ) throws(ProvenanceFailure) -> Int {
    try chain.withLock { (chain) throws(ProvenanceFailure) in
      let seq = chain.next
      let endsRun = type == .runEnd
      let needsHead = endsRun || (seq + 1).isMultiple(of: Self.linesPerHead)
      let line = try Self.line(after: chain, type, fields, at: clock())
      try durably { () throws(DurableFailure) in
        try file.append(line + [UInt8(ascii: "\n")], synced: synced || needsHead)
      }
      chain.advance(over: line)
      if needsHead { try publishHead(of: chain) }
      return seq
    }
  }

  /// Waits until all lines are on the disk and makes the head cover them.
  package func publishHead() throws(ProvenanceFailure) {
    try chain.withLock { (chain) throws(ProvenanceFailure) in
      try durably { () throws(DurableFailure) in try file.sync() }
      try publishHead(of: chain)
    }
  }

  /// The head over all lines so far, whether or not it has been published; for a journal or a hand-over report.
  package var head: LogHead? { chain.withLock { $0.head } }

  private func publishHead(of chain: LogChain) throws(ProvenanceFailure) {
    guard let head = chain.head else { return }
    try durably { () throws(DurableFailure) in
      try folder.publish(Array(head.text.utf8), as: Self.headName, replacing: true)
    }
  }

  /// Reads its own line back, so that no record can be written that a reader would refuse.
  private static func line(
    after chain: LogChain, _ type: RecordType, _ fields: [(String, JSONOutput)], at time: Timestamp
  ) throws(ProvenanceFailure) -> [UInt8] {
    let number = chain.lines + 1
    guard let prev = chain.previous else {
      throw .unwritable(Problem(.genesis, line: number, expected: "a log with a name", found: "none"))
    }
    let line = LogLine.bytes(seq: chain.next, prev: prev, time: time, type: type, fields: fields)
    do {
      _ = try LogLine(line, number: number)
    } catch {
      throw .unwritable(error)
    }
    return line
  }
}
