import Filters
import VolumeIO
import Volumes

/// Where each scan's output goes, below the output root: the input's subfolders, and a name from the job's template.
package struct OutputNames: Sendable {
  let template: String
  let format: OutputFormat

  package init(template: String, format: OutputFormat) {
    self.template = template
    self.format = format
  }

  /// The output's path relative to the output root.
  ///
  /// - Throws: `E_OUT_ESCAPE` when the scan's name lacks what a placeholder stands for.
  package func output(for scan: String) throws(ScanFailure) -> String {
    let stem = ScanName(path: scan)?.stem ?? scan
    let folder = stem.split(separator: "/", omittingEmptySubsequences: false).dropLast().map { "\($0)/" }.joined()
    do throws(NamePattern.Fault) {
      return folder + (try NamePattern(template).filled(for: stem, root: "")) + "." + format.rawValue
    } catch {
      throw ScanFailure(
        .outputEscapes, .plan, "output name", expected: "what the placeholders of \(template) stand for",
        found: error.problem, advice: "rename the scan, exclude it, or change output.name")
    }
  }

  /// Outputs that would meet in one file, on any file system: paths are compared after case folding, and Swift compares
  /// strings by canonical equivalence, so that composed and decomposed letters meet too. Capitals first: some small letters
  /// (ς and σ, ſ and s) meet only there. A file also meets the outputs in a folder of its name.
  package static func collisions(_ outputs: [(scan: String, output: String)]) -> [Collision] {
    let inFolders = outputs.flatMap { item in folders(above: item.output).map { (folder: $0, scan: item.scan) } }
    let byFolder = Dictionary(grouping: inFolders, by: \.folder)
    let byName = Dictionary(grouping: outputs) { folded($0.output) }
    return byName.compactMap { name, same in
      let scans = same.map(\.scan) + (byFolder[name] ?? []).map(\.scan)
      return scans.count > 1 ? Collision(output: same[0].output, scans: scans.sorted()) : nil
    }.sorted { $0.output < $1.output }
  }

  private static func folded(_ path: String) -> String { path.uppercased().lowercased() }

  /// `a/b/c` lies in `a` and in `a/b`.
  private static func folders(above path: String) -> [String] {
    let parts = folded(path).split(separator: "/").dropLast()
    return parts.indices.map { parts[...$0].joined(separator: "/") }
  }

  package struct Collision: Sendable, Equatable {
    package let output: String
    package let scans: [String]

    /// Why one of the scans is not done.
    func failure(of scan: String, _ naming: ScanNaming) -> ScanFailure {
      let others = scans.filter { $0 != scan }
      let shown = others.prefix(3).map(naming.shown).joined(separator: ", ")
      let more = others.count > 3 ? " and \(others.count - 3) more" : ""
      guard !others.isEmpty else {
        return ScanFailure(
          .outputClash, .plan, "output name", expected: "an output of its own, on any file system",
          found: "the same one twice", advice: "change output.name or the name of a save filter")
      }
      return ScanFailure(
        .outputClash, .plan, "output name", expected: "an output of its own, on any file system",
        found: "the same one for \(shown)\(more)",
        advice: "rename or exclude all but one of them, or change output.name")
    }
  }

  /// Why no file can have this name, or `nil` when one can. Concerns the scan alone: one odd name in an archive must not
  /// keep the others from being done. Control characters are the archive's own business; templates have none.
  package static func fault(of output: String) -> ScanFailure? {
    for part in output.split(separator: "/", omittingEmptySubsequences: false) {
      if part.isEmpty || part == "." || part == ".." { return unusable("a segment that is no name") }
      if part.utf8.count > 255 { return unusable("\(part.utf8.count) bytes") }
    }
    return output.hasPrefix(".medfilter/") ? unusable("one in medfilter's own folder") : nil
  }

  private static func unusable(_ found: String) -> ScanFailure {
    ScanFailure(
      .outputEscapes, .plan, "output name", expected: "one of at most 255 bytes beneath output.root", found: found,
      advice: "rename the scan, or change output.name")
  }
}
