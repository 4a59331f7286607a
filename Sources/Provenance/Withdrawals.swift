import ByteStreams
import StrictJSON

/// Scans whose use was withdrawn (`retired` records), until they are admitted again (`readmitted`).
package struct Withdrawals: Sendable {
  private struct Scan {
    /// Of what was read of it.
    var contents: Set<Digest> = []
    /// A pair is withdrawn by the name of either file.
    var names: Set<ExactName>
  }

  /// By each of their names.
  private var scans: [ExactName: Scan] = [:]
  /// Of all of them.
  private var contents: Set<Digest> = []
  /// The outputs that were made of them.
  package private(set) var outputs = NamedEntries()

  package func holds(_ scan: String) -> Bool { scans[ExactName(scan)] != nil }

  /// Whether a file with this digest was withdrawn, whatever it is called now.
  package func holds(content: Digest) -> Bool { contents.contains(content) }

  /// - Parameter entries: of the outputs that were made of the scan; there may be none.
  mutating func add(_ name: String, _ entries: [LogHistory.Entry]) {
    let files = entries.flatMap { $0.record.inputs.filter(\.isOfScan) }
    let names = Set(files.map { ExactName($0.name) }).union([ExactName(name)])
    let scan = Scan(contents: Set(files.map(\.sha256)), names: names)
    for name in names { scans[name] = scan }
    contents.formUnion(scan.contents)
    for entry in entries { outputs[entry.record.output.name] = entry }
  }

  /// The outputs that were made of a scan.
  package func entries(of name: String) -> [LogHistory.Entry] {
    let names = scans[ExactName(name)]?.names ?? []
    return outputs.inOrder.filter { $0.record.inputs.contains { $0.isOfScan && names.contains(ExactName($0.name)) } }
  }

  mutating func remove(_ name: String) {
    let names = scans[ExactName(name)]?.names ?? []
    for name in names { scans[name] = nil }
    contents = scans.values.reduce(into: []) { $0.formUnion($1.contents) }
    for entry in Array(outputs.values)
    where entry.record.inputs.contains(where: { $0.isOfScan && names.contains(ExactName($0.name)) }) {
      outputs.removeValue(forKey: entry.record.output.name)
    }
  }

  /// What the log is told.
  package static func fields(
    scan: String, reason: String, outputs: [String]
  ) -> [(String, JSONOutput)] {
    [("scan", .string(scan)), ("reason", .string(reason)), ("outputs", .array(outputs.map { .string($0) }))]
  }
}

extension RecordedFile {
  /// Whether it is the scan itself, or its header, and not what else was read for it.
  package var isOfScan: Bool { role == "image" || role == "header" }
}

/// By bytes, as file systems compare.
package func isSame(_ name: String, _ other: String) -> Bool { ExactName(name) == ExactName(other) }
