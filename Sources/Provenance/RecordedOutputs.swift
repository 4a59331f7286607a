import DurableIO

/// The outputs of a log as they lie beside it, as far as they do.
package struct RecordedOutputs {
  private let history: LogHistory
  private let root: OpenFolder
  /// Paths by the names that a log with hidden names has for them.
  private let hidden: [ExactName: String]

  /// - Parameter naming: nil leaves out the outputs whose names are hidden.
  /// - Throws: when the folder cannot be listed.
  package init(_ history: LogHistory, beneath root: OpenFolder, naming: OutputNaming?) throws(DurableFailure) {
    (self.history, self.root) = (history, root)
    guard let naming, history.inOrder.contains(where: { $0.record.output.isNameHidden }) else {
      hidden = [:]
      return
    }
    let scans = try TreeSearch(root).scans.filter(\.mayBeOutput)
    let named = scans.compactMap { scan in naming.name(scan.path).map { (ExactName($0), scan.path) } }
    hidden = Dictionary(named) { first, _ in first }
  }

  /// What is wrong with the file that stands under the name of an output; nil also when none does.
  package func problem(_ entry: LogHistory.Entry) -> Problem? {
    let output = entry.record.output
    guard let path = output.isNameHidden ? hidden[ExactName(output.name)] : output.name else { return nil }
    do {
      let found = try root.publishedFile(at: path).digest()
      let known = [entry] + history.announcements(of: output.name)
      if known.contains(where: { $0.record.output.sha256 == found }) { return nil }
      return entry.problem(.outputChanged, output, found: "SHA-256 \(found)")
    } catch {
      return error.isMissing ? nil : entry.problem(.outputChanged, output, found: "\(error)")
    }
  }
}
