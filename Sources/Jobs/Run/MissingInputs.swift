import DurableIO
import Provenance
import VolumeIO
import Volumes

/// Scans that the log recorded, that the job still asks for, and that are not there any more: a lost mount, or a loss.
struct MissingInputs {
  /// As the log names them, in order.
  let names: [String]
  /// All recorded scans that the job asks for.
  let recorded: Int

  /// Names that a message lists.
  private static let most = 5

  /// - Parameter root: the output root, with the map of hidden names.
  init(of plan: JobPlan, _ history: LogHistory, _ ownership: Ownership, root: OpenFolder) {
    var request = RecordedRequest(plan, root)
    let found = Set(plan.scans.map(\.shownName))
    let recorded = history.outputs.values.filter { ownership.owns($0) }.compactMap { $0.record.inputs.first?.name }
    let wanted = Set(recorded).filter { found.contains($0) || request.includes($0) }
    self.recorded = wanted.count
    names = wanted.subtracting(found).sorted()
  }

  /// Nil when none is missing.
  var finding: Finding? {
    guard !names.isEmpty else { return nil }
    let more = names.count > Self.most ? " and \(names.count - Self.most) more" : ""
    return Finding(
      "inputs-missing",
      "input: \(names.count) of \(recorded) recorded scans \(names.count == 1 ? "was" : "were") not found: "
        + "\(names.prefix(Self.most).joined(separator: ", "))\(more); is the whole archive mounted? "
        + "(medfilter retire records that a scan was withdrawn)")
  }
}

/// Which recorded names the job still asks for.
private struct RecordedRequest {
  private var selection: ScanSelection
  private let unsearched: [String]
  /// Nil where names are paths.
  private let paths: [String: String]?

  init(_ plan: JobPlan, _ root: OpenFolder) {
    selection = ScanSelection(include: plan.spec.input.include, exclude: plan.spec.input.exclude)
    unsearched = plan.foundPaths.map { $0 + "/" }
    paths = plan.naming.keyID == nil ? nil : NameMap.paths(in: root)
  }

  /// A hidden name whose path nobody knows counts: it may be one that the job asks for.
  mutating func includes(_ name: String) -> Bool {
    guard let path = paths == nil ? name : paths?[name] else { return true }
    // A folder that is not searched is told by itself.
    guard !unsearched.contains(where: path.hasPrefix) else { return false }
    let files = [path] + (ScanName(path: path)?.partnerPaths ?? [])
    for file in files where selection.wants(file) { return true }
    return false
  }
}
