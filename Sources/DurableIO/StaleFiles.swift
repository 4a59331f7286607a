extension OutputFolder {
  /// Removes the temporary files that dead runs left in this tree.
  ///
  /// The lock shows that no living run owns them. Only regular files with this tree's own pattern go.
  ///
  /// - Parameter names: in the root, since the lock was taken; `nil` where nobody has listed them yet.
  /// - Returns: how many were removed.
  /// - Complexity: lists every folder of the tree once.
  @discardableResult
  package func removeStaleFiles(holding lock: FolderLock, names: [String]? = nil) throws(DurableFailure) -> Int {
    var removed = 0
    try root.forEachFolder(names: names) { (folder, names) throws(DurableFailure) in
      for name in names where PendingFile.isTemporaryName(name, owner: identity) {
        removed += try removeStale(name, in: folder)
      }
    }
    return removed
  }

  private func removeStale(_ name: String, in folder: OpenFolder) throws(DurableFailure) -> Int {
    guard try folder.status(of: name)?.kind == .file else { return 0 }
    do throws(DurableFailure) {
      try attempt(.remove, folder.path(of: name)) { () throws(SystemError) in
        try disk.unlink(name, in: folder.descriptor)
      }
    } catch {
      // Another copy of the program tries the disk before it asks for the lock, and has taken its file away itself.
      guard error.isMissing else { throw error }
      return 0
    }
    return 1
  }
}

extension OpenFolder {
  /// Visits this folder and all beneath it that belong to the same output tree.
  ///
  /// Links are not followed; folders with a state folder of their own are the roots of other trees and are left out, and
  /// so are folders that cannot be looked into.
  ///
  /// - Parameters:
  ///   - names: in this folder; `nil` where nobody has listed them yet.
  ///   - body: gets each folder and the names in it, sorted.
  package func forEachFolder(
    names known: [String]? = nil, _ body: (OpenFolder, _ names: [String]) throws(DurableFailure) -> Void
  ) throws(DurableFailure) {
    var waiting = [path]
    while let path = waiting.popLast() {
      guard let (folder, names) = try listing(of: path, known: known) else { continue }
      if path != self.path, names.contains(OutputFolder.stateFolder) { continue }
      try body(folder, names)
      for name in names where try folder.status(of: name)?.kind == .folder { waiting.append(folder.path(of: name)) }
    }
  }

  /// Nil for folders that are gone by now or not ours to look into.
  private func listing(of path: String, known: [String]?) throws(DurableFailure) -> (OpenFolder, [String])? {
    if let known, path == self.path { return (self, known) }
    do {
      let folder = try folder(at: path)
      return (folder, try folder.names())
    } catch {
      // One folder that cannot be listed keeps no run from its work; the root itself must be.
      if error.isMissing || error.isNotPermitted || path != self.path { return nil }
      throw error
    }
  }
}
