import ByteStreams
import DurableIO
import Provenance
import Synchronization
import VolumeIO

/// The files behind names that are keyed hashes: every path beneath a folder is hashed with the site's key.
///
/// The folder is asked rather than the map beside the log, which may have been deleted.
package struct HiddenNames: Sendable {
  private let paths: [String: String]

  /// - Throws: `noInput` when there is no such folder, `badJob` when there is no key.
  package init(beneath folder: String, links: LinkPolicy) throws(JobRefusal) {
    try self.init(beneath: InputRoot(path: folder, links: links, subject: "inputs"))
  }

  init(beneath root: InputRoot) throws(JobRefusal) {
    let naming = try ScanNaming.keyed().naming
    let found = try ScanFinder.scans(
      beneath: root.path, links: root.links, selection: ScanSelection(include: [], exclude: []), excluding: nil)
    var paths: [String: String] = [:]
    for scan in found.scans {
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

/// The same for each way in which links are followed, looked up when a log first asks for it.
package final class HiddenInputs: Sendable {
  private let folder: String
  private let known = Mutex<[LinkPolicy: HiddenNames]>([:])

  /// - Throws: `noInput` when there is no such folder, `badJob` when there is no key.
  package init(beneath folder: String) throws(JobRefusal) {
    self.folder = folder
    _ = try ScanNaming.keyed()
    _ = try InputRoot(path: folder, links: .refuse, subject: "inputs")
  }

  /// The path that a name in a log stands for; nil when nothing beneath the folder has that name.
  package func path(of name: String, links: LinkPolicy) -> String? {
    known.withLock { known in
      if let names = known[links] { return names.path(of: name) }
      let names = try? HiddenNames(beneath: folder, links: links)
      known[links] = names
      return names?.path(of: name)
    }
  }
}

extension OutputNaming {
  /// By the key, where somebody has handed it over; else by the map beside the log; nil where neither is at hand.
  package static func ofOutputs(inFolderOf log: String) throws(JobRefusal) -> OutputNaming? {
    if HiddenNames.hasKey {
      let naming = try ScanNaming.keyed().naming
      return OutputNaming(keyID: naming.keyID) { naming.shown($0) }
    }
    guard let folder = try? OpenFolder(followingLinks: LogPlace.split(log).folder) else { return nil }
    let pairs = NameMap.paths(in: folder).map { (Array($0.value.utf8), $0.key) }
    guard !pairs.isEmpty else { return nil }
    let names = Dictionary(pairs) { first, _ in first }
    return OutputNaming(keyID: nil) { names[Array($0.utf8)] }
  }
}
