extension PendingFile {
  /// A file on its way to a path outside any output tree; its folder must exist.
  package convenience init(anywhere path: String, disk: any Disk = SystemDisk()) throws(DurableFailure) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { path[..<$0].isEmpty ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    try self.init(anywhere: name, in: OpenFolder(followingLinks: folder, disk: disk))
  }

  /// The same in a folder that is held open. Temporary files outside a tree have no owner that could clear them up later.
  package convenience init(anywhere name: String, in folder: OpenFolder) throws(DurableFailure) {
    try self.init(named: name, in: folder, owner: PendingFile.hex(0))
  }
}
