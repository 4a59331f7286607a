import ByteStreams
import DurableIO
import Provenance
import StrictJSON

/// Records that scans were withdrawn, or may be used again.
package struct Retirement {
  /// Of the log.
  private let log: String
  private let scans: [String]
  private let reason: String
  package var removesOutputs = false
  package var readmits = false
  package var options = ProvenanceLog.Options()

  package init(log: String, scans: [String], reason: String) {
    (self.log, self.scans, self.reason) = (log, scans, reason)
  }

  package struct Report {
    package struct Output {
      package enum State: String {
        case there, absent, removed, changed, unknown = "not found without the key of the names"
      }

      /// As the log has it.
      package let name: String
      package let state: State
    }

    package struct Scan {
      /// As the log has it.
      package let name: String
      /// False when the log said so before.
      package let isNew: Bool
      package let outputs: [Output]
    }

    package var scans: [Scan] = []
    package var warnings: [String] = []
  }

  /// All scans or none: a name that the log does not know ends it before anything is written.
  ///
  /// - Throws: `badJob` for a path that is no log, `noInput` for a log that is not there or does not know a scan, `locked`
  ///   beside a run, `logFailed` when the log cannot be continued.
  package func record() throws(JobRefusal) -> Report {
    let tree = try RetiredTree(log, options)
    defer { tree.close() }
    let names = try names(in: tree.history)
    var report = Report()
    for name in names { report.scans.append(try record(name, in: tree)) }
    try tree.finish()
    guard removesOutputs, !readmits else { return report }
    report.scans = try report.scans.map { (scan) throws(JobRefusal) in
      let outputs = try scan.outputs.map { (output) throws(JobRefusal) in try tree.remove(output) }
      return Report.Scan(name: scan.name, isNew: scan.isNew, outputs: outputs)
    }
    report.warnings += report.scans.flatMap(\.outputs).filter { $0.state == .changed }.map {
      "\($0.name): is not what was recorded; it was left as it is"
    }
    return report
  }

  /// The names that the log has for what was asked.
  private func names(in history: LogHistory) throws(JobRefusal) -> [String] {
    let known = history.scans
    let knownBytes = Set(known.map { Array($0.utf8) })
    let naming = HiddenNames.hasKey ? try ScanNaming.keyed().naming : nil
    func isKnown(_ name: String) -> Bool { knownBytes.contains(Array(name.utf8)) || history.withdrawn.holds(name) }
    var names: [String] = []
    var unknown: [String] = []
    for scan in scans {
      let candidates = [scan] + (naming.map { [$0.shown(scan)] } ?? [])
      guard let name = candidates.first(where: isKnown) else {
        unknown.append(scan.quoted + Nearest.question(scan, among: known))
        continue
      }
      if !names.contains(where: { isSame($0, name) }) { names.append(name) }
    }
    guard unknown.isEmpty else {
      throw .noInput("\(log): no record names the scan \(unknown.joined(separator: ", ")); nothing was recorded")
    }
    return names
  }

  private func record(_ name: String, in tree: RetiredTree) throws(JobRefusal) -> Report.Scan {
    let isWithdrawn = tree.history.withdrawn.holds(name)
    let entries = isWithdrawn ? tree.history.withdrawn.entries(of: name) : tree.history.entries(of: name)
    let outputs = entries.map { tree.look(at: $0.record.output) }
    guard isWithdrawn == readmits else { return Report.Scan(name: name, isNew: false, outputs: outputs) }
    let type: RecordType = readmits ? .readmitted : .retired
    try tree.append(type, Withdrawals.fields(scan: name, reason: reason, outputs: outputs.map(\.name)))
    return Report.Scan(name: name, isNew: true, outputs: outputs)
  }
}

extension Retirement.Report {
  package var document: JSONOutput {
    .object(
      Document.retire.head + [
        (
          "scans",
          .array(
            scans.map { scan in
              let outputs = scan.outputs.map {
                JSONOutput.object([("output", .string($0.name)), ("state", .string($0.state.word))])
              }
              return .object([
                ("scan", .string(scan.name)), ("recorded", .bool(scan.isNew)), ("outputs", .array(outputs)),
              ])
            })
        ),
        ("warnings", .array(warnings.map { .string($0) })),
      ])
  }
}

extension Retirement.Report.Output.State {
  fileprivate var word: String { self == .unknown ? "unknown" : rawValue }
}
