extension OutputFolder {
  /// Removes the temporary files that dead runs left in this tree.
  ///
  /// The lock shows that no living run owns them. Only regular files with this tree's own pattern go; links are not
  /// followed, and folders with a state folder of their own belong to another root and are left alone.
  ///
  /// - Returns: how many were removed.
  /// - Complexity: lists every folder of the tree once.
  @discardableResult
  package func removeStaleFiles(holding lock: FolderLock) throws(DurableFailure) -> Int {
    var removed = 0
    var waiting = [root.path]
    while let path = waiting.popLast() {
      guard let (folder, names) = try listing(of: path) else { continue }
      if path != root.path, names.contains(Self.stateFolder) { continue }
      for name in names {
        if PendingFile.isTemporaryName(name, owner: identity) {
          removed += try removeStale(name, in: folder)
        } else if try folder.isFolder(name) {
          waiting.append(folder.path(of: name))
        }
      }
    }
    return removed
  }

  /// Nil for folders that are gone by now or not ours to look into.
  private func listing(of path: String) throws(DurableFailure) -> (OpenFolder, [String])? {
    do {
      let folder = try root.folder(at: path)
      return (folder, try folder.names())
    } catch {
      if error.isMissing || error.isNotPermitted { return nil }
      throw error
    }
  }

  private func removeStale(_ name: String, in folder: OpenFolder) throws(DurableFailure) -> Int {
    guard try folder.status(of: name)?.kind == .file else { return 0 }
    try attempt(.remove, folder.path(of: name)) { () throws(SystemError) in
      try disk.unlink(name, in: folder.descriptor)
    }
    return 1
  }
}

extension OpenFolder {
  fileprivate func isFolder(_ name: String) throws(DurableFailure) -> Bool {
    try status(of: name)?.kind == .folder
  }
}
