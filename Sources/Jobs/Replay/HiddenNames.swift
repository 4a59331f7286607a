import VolumeIO

/// The files behind names that are keyed hashes: every path beneath a folder is hashed with the site's key.
///
/// The folder is asked rather than the map beside the log, which may have been deleted.
package struct HiddenNames: Sendable {
  private let paths: [String: String]

  /// - Throws: `noInput` when there is no such folder, `badJob` when there is no key.
  package init(beneath folder: String) throws(JobRefusal) {
    try self.init(beneath: InputRoot(path: folder, links: .follow, subject: "inputs"))
  }

  init(beneath root: InputRoot) throws(JobRefusal) {
    let naming = try ScanNaming.keyed().naming
    let (found, _) = ScanFinder.scans(
      beneath: root.path, links: .follow, selection: ScanSelection(include: [], exclude: []), excluding: nil)
    var paths: [String: String] = [:]
    for scan in found {
      // A pair is found by its header; its image has a name of its own in the log.
      for path in [scan.name] + (ScanName(path: scan.name)?.partnerPaths ?? []) { paths[naming.shown(path)] = path }
    }
    self.paths = paths
  }

  /// Whether anybody has handed over the key that names are hashed with.
  package static var hasKey: Bool { Credential.namesKey.path(option: nil) != nil }

  /// The path that a name in a log stands for; nil when nothing beneath the folder has that name.
  package func path(of name: String) -> String? { paths[name] }
}
