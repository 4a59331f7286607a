import DurableIO

/// Everything in an output tree that looks like a scan, or may hide one.
///
/// Folders and files that begin with a dot, the state folder and the folders of other output roots are looked into like all
/// others; what lies in the store of git-annex is not, because its names are digests and links lead to it.
struct TreeSearch {
  struct Found {
    let path: String
    /// In a sentence: `a file`.
    let what: String
    /// Whether it can be opened by its path and is a file, or a link that may lead to one.
    let mayBeOutput: Bool
  }

  private(set) var scans: [Found] = []
  /// Files under temporary names.
  private(set) var temporary: [String] = []
  /// Folders that cannot be looked into, with the reason.
  private(set) var closed: [(path: String, reason: String)] = []
  /// Folders of the tree that have a log of their own.
  private(set) var nestedRoots: [String] = []
  private var folderLinks: [(path: String, target: FileStatus.Identity)] = []
  private var visited: Set<FileStatus.Identity> = []

  /// - Throws: only when the root itself cannot be listed.
  init(_ root: OpenFolder) throws(DurableFailure) {
    var waiting = ["."]
    while let path = waiting.popLast() {
      let items: [FolderItem]
      let folder: OpenFolder
      do {
        folder = try root.folder(at: path)
        items = try folder.items()
      } catch {
        if path == "." { throw error }
        if !error.isMissing { closed.append((path, error.reason)) }
        continue
      }
      if let identity = folder.folderIdentity { visited.insert(identity) }
      if path != ".", Self.hasLog(folder) { nestedRoots.append(path) }
      for item in items { look(at: item, in: folder, &waiting) }
    }
    // A link to a folder that was looked into shows nothing new.
    for link in folderLinks where !visited.contains(link.target) {
      scans.append(Found(path: link.path, what: "a link to a folder outside", mayBeOutput: false))
    }
    scans.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  private mutating func look(at item: FolderItem, in folder: OpenFolder, _ waiting: inout [String]) {
    let path = folder.path(of: item.name)
    switch item.kind {
    case .folder:
      if !item.isNameable { return add(path, "a folder whose name is not UTF-8") }
      if !Self.isAnnex(item.name, in: folder) { waiting.append(path) }
    case .file:
      if PendingFile.isTemporaryName(item.name) { return temporary.append(path) }
      if Self.looksLikeScan(item.name) { add(path, item, "a file") }
    case .link:
      if item.isNameable, item.name != ".git", let target = folder.folderBehind(link: item.name) {
        folderLinks.append((path, target))
      } else if Self.looksLikeScan(item.name) {
        add(path, item, "a link")
      }
    case .other:
      if Self.looksLikeScan(item.name) { add(path, "something that is no file") }
    }
  }

  private mutating func add(_ path: String, _ item: FolderItem, _ what: String) {
    let what = item.isNameable ? what : "\(what) whose name is not UTF-8"
    scans.append(Found(path: path, what: what, mayBeOutput: item.isNameable))
  }

  private mutating func add(_ path: String, _ what: String) {
    scans.append(Found(path: path, what: what, mayBeOutput: false))
  }

  /// `.git/annex`, with the store in it.
  private static func isAnnex(_ name: String, in folder: OpenFolder) -> Bool {
    guard name == "annex", folder.path == ".git" || folder.path.hasSuffix("/.git") else { return false }
    return (try? folder.status(of: "annex/objects"))??.kind == .folder
  }

  /// Whether a log begins in the folder: a state folder alone makes no output root.
  private static func hasLog(_ folder: OpenFolder) -> Bool {
    guard let line = try? LogLine.first(of: folder.publishedFile(at: ProvenanceLog.name)) else { return false }
    return line.type == RecordType.genesis.rawValue && line.node["log"]?.string.map(LogID.isWellFormed) == true
  }

  /// What viewers and other programs of the field take for a volume, in any capitals.
  private static func looksLikeScan(_ name: String) -> Bool {
    var name = name.lowercased()[...]
    if let packed = packings.first(where: name.hasSuffix) { name = name.dropLast(packed.count) }
    return volumes.contains(where: name.hasSuffix)
  }

  private static let packings = [".gz", ".zst", ".bz2", ".xz", ".lz4", ".zip", ".z"]
  private static let volumes = [
    ".nii", ".hdr", ".img", ".mgh", ".mgz", ".mnc", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm", ".ima",
  ]
}
