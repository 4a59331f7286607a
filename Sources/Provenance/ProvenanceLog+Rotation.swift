import DurableIO
import StrictJSON

extension ProvenanceLog {
  /// Begins a log that continues this one, which is put aside under its own name.
  ///
  /// The log is copied aside before the new one takes its place in one step, so that a run that dies in between leaves
  /// either the old log, with a copy that nobody looks at, or the new one, with its whole past beside it.
  func rotated() throws(ProvenanceFailure) -> ProvenanceLog {
    guard let last = head else { return self }
    try publishHead()
    let aside = LogPlace.earlier(last.logID)
    try durably { () throws(DurableFailure) in
      try copy(Self.name, to: aside.log)
      try copy(Self.headName, to: aside.head)
    }
    let first = try firstLine(continuing: last)
    let file = try durably { () throws(DurableFailure) in
      try folder.publish(first.line + [UInt8(ascii: "\n")], as: Self.name, replacing: true)
      return try AppendOnlyFile(Self.name, in: folder)
    }
    let log = ProvenanceLog(
      first.chain, history: LogHistory(after: history, named: aside.log), file: file, folder: folder, lock: lock,
      options: options, clock: clock)
    try log.publishHead()
    return log
  }

  private func firstLine(
    continuing last: LogHead
  ) throws(ProvenanceFailure) -> (line: [UInt8], chain: LogChain) {
    var chain = LogChain()
    let id = LogID.random()
    chain.begin(id)
    let line = try Self.line(
      after: chain, .genesis, Self.genesisFields(of: id) + [("continues", last.json)], at: clock())
    chain.advance(over: line)
    return (line, chain)
  }

  private func copy(_ name: String, to other: String) throws(DurableFailure) {
    // In place of what is there: a run that died before the new log began has left a copy that is shorter.
    try folder.publish(copyOf: folder.root.file(at: name), as: other)
  }
}
