import Glibc

/// One name in a folder.
package struct FolderItem: Sendable {
  /// For people, when the name is not UTF-8.
  package let name: String
  /// Whether the name is one that a text can hold, so that it can be opened.
  package let isNameable: Bool
  package let kind: FileStatus.Kind
}

extension OpenFolder {
  /// Every name in this folder with what it names, in the order of their bytes; those that are not UTF-8 come last.
  package func items() throws(DurableFailure) -> [FolderItem] {
    var items: [FolderItem] = []
    for name in try names() {
      // What is gone by now was a file on its way to its name.
      guard let status = try status(of: name) else { continue }
      items.append(FolderItem(name: name, isNameable: true, kind: status.kind))
    }
    let others = try attempt(.listFolder, path) { () throws(SystemError) in try disk.otherNames(in: descriptor) }
    return items + others.map { FolderItem(name: $0.shown, isNameable: false, kind: $0.kind) }
  }

  /// Which folder a link leads to, wherever that is; nil when it leads to none.
  package func folderBehind(link name: String) -> FileStatus.Identity? {
    guard let found = try? disk.open(name, in: descriptor, for: .folderFollowingLinks) else { return nil }
    defer { disk.closeQuietly(found) }
    return try? disk.status(found).identity
  }

  /// What the names of folders are compared by where links are about.
  package var folderIdentity: FileStatus.Identity? { try? identity() }
}

extension OutputFolder {
  /// Removes a published file, or the link that git-annex has made of it, for good.
  package func remove(_ relative: String) throws(DurableFailure) {
    let path = try RelativePath(relative, for: .remove)
    let folder = try root.folder(at: path.folders.isEmpty ? "." : path.folders.joined(separator: "/"))
    try attempt(.remove, relative) { () throws(SystemError) in
      try disk.unlink(path.name, in: folder.descriptor)
    }
    try folder.sync()
  }
}

extension FolderLock {
  /// Who holds the lock of an output tree, as far as it can be seen without asking for the lock; nil when nobody seems to.
  ///
  /// - Returns: what the holder wrote about itself, an empty string when that cannot be read.
  package static func holder(of root: OpenFolder) -> String? {
    let file = try? root.status(of: path)
    guard [file?.identity, root.folderIdentity].contains(where: { $0.map(root.disk.isLocked) ?? false }) else {
      return nil
    }
    return readHolder(root)
  }
}

extension PendingFile {
  /// Whether a name is one of a file that is not whole yet, of whatever output tree.
  package static func isTemporaryName(_ name: String) -> Bool {
    let parts = name.dropFirst().split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[1].utf8.count == 16 && isTemporaryName(name, owner: String(parts[1]))
  }
}
