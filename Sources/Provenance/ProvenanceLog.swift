import ByteStreams
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

  package struct Options: Sendable {
    /// Signs every head; a log that was signed once is only continued with a key.
    package var key: SigningKey?
    /// Where a copy of every head goes.
    package var anchors: [AnchorFolder] = []
    /// A log of so many bytes is put aside when it is opened, and another one continues it; nil lets it grow for ever.
    package var longest: Int?
    /// Stands for the place of the output root; see `AnchorFolder.note(root:of:)`.
    package var place: Digest?
    /// Told of every head that has been published, for a journal.
    package var announce: @Sendable (LogHead) -> Void = { _ in }

    package init() {}
  }

  private struct State {
    var chain: LogChain
    /// The key that the log says signs its heads.
    var keyInForce: PublicKey?
  }

  let options: Options
  let folder: OutputFolder
  private let file: AppendOnlyFile
  // Kept so that nobody else can become the writer while this log can be written.
  let lock: FolderLock
  let clock: @Sendable () -> Timestamp
  private let state: Mutex<State>

  init(
    _ chain: LogChain, history: LogHistory, file: AppendOnlyFile, folder: OutputFolder, lock: FolderLock,
    options: Options, clock: @escaping @Sendable () -> Timestamp
  ) {
    state = Mutex(State(chain: chain, keyInForce: history.key(at: chain.lines)))
    self.history = history
    self.file = file
    self.folder = folder
    self.lock = lock
    self.options = options
    self.clock = clock
  }

  /// Writes one record and the members that chain it to the others. Members that would make the line longer than 1 MiB go
  /// into files of their own first; see `KeptPart`.
  ///
  /// - Parameters:
  ///   - fields: the record's own members, in order. No absolute paths, header text or environment.
  ///   - synced: wait until this line and all before it are on the disk. `run_end` always waits.
  /// - Returns: the record's `seq`.
  /// - Throws: `.unwritable` for a record that is still too long, or has a key twice; then nothing was written.
  @discardableResult
  package func append(
    type: RecordType, fields: [(String, JSONOutput)], synced: Bool = true
  ) throws(ProvenanceFailure) -> Int {
    try state.withLock { (state) throws(ProvenanceFailure) in
      let seq = state.chain.next
      let endsRun = type == .runEnd
      let needsHead = endsRun || (seq + 1).isMultiple(of: Self.linesPerHead)
      let line = try fittedLine(after: state.chain, type, fields, at: clock())
      try durably { () throws(DurableFailure) in
        try file.append(line + [UInt8(ascii: "\n")], synced: synced || needsHead)
      }
      state.chain.advance(over: line)
      if type == .key { state.keyInForce = options.key?.publicKey }
      if needsHead { try publishHead(of: state) }
      return seq
    }
  }

  /// Whether the log is still under its name, and nobody else has written to it.
  package var isInPlace: Bool { file.isInPlace }

  /// Waits until all lines are on the disk.
  package func sync() throws(ProvenanceFailure) {
    try durably { () throws(DurableFailure) in try file.sync() }
  }

  /// Waits until all lines are on the disk and makes the head cover them.
  package func publishHead() throws(ProvenanceFailure) {
    try state.withLock { (state) throws(ProvenanceFailure) in
      try durably { () throws(DurableFailure) in try file.sync() }
      try publishHead(of: state)
    }
  }

  /// The head over all lines so far, whether or not it has been published; for a journal or a hand-over report.
  package var head: LogHead? { state.withLock { $0.chain.head } }

  var keyInForce: PublicKey? { state.withLock { $0.keyInForce } }

  private func publishHead(of state: State) throws(ProvenanceFailure) {
    guard let head = state.chain.head else { return }
    // A signature from before the key's own record would be one of an unknown key.
    let isSigned = state.keyInForce != nil && state.keyInForce == options.key?.publicKey
    let note = head.note(signedBy: isSigned ? options.key : nil)
    try durably { () throws(DurableFailure) in
      try folder.publish(note, as: Self.headName, replacing: true)
      for anchor in options.anchors {
        try anchor.keep(note, of: head)
        if let place = options.place { try anchor.note(root: place, of: head.logID) }
      }
    }
    options.announce(head)
  }
}
