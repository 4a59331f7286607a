import ByteStreams
import DurableIO
import Glibc

/// The logs of output roots that lie in this one or around it. Their outputs are theirs to verify, and no strangers here.
struct NeighbourLogs {
  fileprivate struct Root {
    let folder: OpenFolder
    /// Of the folder, from the one that is verified; the way from there to it, where it lies around.
    let within: String?
    let above: String?
  }

  /// What a log tells of the files in its tree.
  private struct Names {
    var exact: Set<ExactName> = []
    var digests: Set<Digest> = []
  }

  private let root: OpenFolder
  private let roots: [Root]
  private var known: [Int: Names] = [:]

  /// - Parameters:
  ///   - path: of the root that is verified.
  ///   - nested: folders of it with a log of their own.
  init(of root: OpenFolder, at path: String, nested: [String]) {
    self.root = root
    let inner = nested.sorted { $0.utf8.count > $1.utf8.count }.compactMap { path in
      (try? root.folder(at: path)).map { Root(folder: $0, within: path, above: nil) }
    }
    roots = inner + Self.around(path, root.disk)
  }

  /// Whether one of them names a file of the tree.
  mutating func know(_ path: String) -> Bool {
    for (index, neighbour) in roots.enumerated() {
      guard let name = neighbour.name(of: path) else { continue }
      let names = known[index] ?? Self.names(in: neighbour.folder)
      known[index] = names
      if names.exact.contains(ExactName(name)) { return true }
      if !names.digests.isEmpty, let digest = try? root.publishedFile(at: path).digest(),
        names.digests.contains(digest)
      {
        return true
      }
    }
    return false
  }

  private static func names(in folder: OpenFolder) -> Names {
    guard let reading = try? LogReading(LogPlace(log: ProvenanceLog.name), beneath: folder) else { return Names() }
    let history = reading.scan.history
    var names = Names()
    for output in (history.inOrder + history.prepared.values + history.withdrawn.outputs.values).map(\.record.output) {
      if output.isNameHidden { names.digests.insert(output.sha256) } else { names.exact.insert(ExactName(output.name)) }
    }
    return names
  }

  /// The folders above that have a log, the nearest first.
  private static func around(_ path: String, _ disk: any Disk) -> [Root] {
    let parts = absolute(path).split(separator: "/").map(String.init)
    return parts.indices.reversed().compactMap { count in
      let above = "/" + parts[..<count].joined(separator: "/")
      guard let folder = try? OpenFolder(followingLinks: above, disk: disk),
        (try? folder.status(of: ProvenanceLog.name)) ?? nil != nil
      else { return nil }
      return Root(folder: folder, within: nil, above: parts[count...].joined(separator: "/"))
    }
  }

  private static func absolute(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(validatingCString: resolved) ?? path
  }
}

extension NeighbourLogs.Root {
  /// What this root calls a file of the root that is verified; nil when it lies elsewhere.
  fileprivate func name(of path: String) -> String? {
    if let above { return "\(above)/\(path)" }
    guard let within, Array(path.utf8).starts(with: Array("\(within)/".utf8)) else { return nil }
    return String(decoding: Array(path.utf8.dropFirst(within.utf8.count + 1)), as: UTF8.self)
  }
}
