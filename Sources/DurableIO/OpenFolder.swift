import Glibc

/// A folder held open, so that renaming or replacing it elsewhere cannot change which folder is meant.
///
/// Everything beneath it is reached part by part without following links.
package final class OpenFolder: Sendable {
  package let disk: any Disk
  let descriptor: Descriptor
  /// Relative to the root, for messages; the root is `.`.
  package let path: String

  /// Opens an existing folder for reading beneath it, or as the place of a root; links to it are the user's business.
  package init(followingLinks path: String, disk: any Disk = SystemDisk()) throws(DurableFailure) {
    let root = try RootPath(path)
    self.disk = disk
    self.path = "."
    descriptor = try attempt(.openFolder, ".") { () throws(SystemError) in
      try disk.open(root.text, in: nil, for: .folderFollowingLinks)
    }
  }

  init(name: String, in parent: OpenFolder?, disk: any Disk, path: String) throws(DurableFailure) {
    self.disk = disk
    self.path = path
    do {
      descriptor = try attempt(.openFolder, path) { () throws(SystemError) in
        try disk.open(name, in: parent?.descriptor, for: .folder)
      }
    } catch {
      // Linux says "not a folder" of a link that it was told not to follow.
      let status = try? disk.status(of: name, in: parent?.descriptor)
      throw status?.kind == .link ? DurableFailure(.openFolder, ELOOP, path) : error
    }
  }

  /// Takes the descriptor over and closes it in the end.
  init(holding descriptor: Descriptor, disk: any Disk, path: String) {
    self.disk = disk
    self.descriptor = descriptor
    self.path = path
  }

  deinit { disk.closeQuietly(descriptor) }

  func subfolder(_ name: String) throws(DurableFailure) -> OpenFolder {
    try OpenFolder(name: name, in: self, disk: disk, path: path(of: name))
  }

  /// The folder at a relative path; `.` is this one.
  package func folder(at relative: String) throws(DurableFailure) -> OpenFolder {
    if relative == "." { return self }
    var folder = self
    for part in try RelativePath(relative, for: .openFolder).parts { folder = try folder.subfolder(part) }
    return folder
  }

  /// Opens a regular file for reading.
  ///
  /// - Throws: `ENOENT` when missing, `ELOOP` for a link, `EISDIR` for a folder, `ENXIO` for pipes and devices.
  package func file(at relative: String) throws(DurableFailure) -> StoredFile {
    let (folder, name) = try place(of: relative, for: .open)
    let descriptor = try attempt(.open, relative) { () throws(SystemError) in
      try disk.open(name, in: folder.descriptor, for: .reading)
    }
    let file = StoredFile(descriptor, disk: disk, path: relative)
    let kind = try file.status().kind
    guard kind == .file else { throw DurableFailure(.open, kind == .folder ? EISDIR : ENXIO, relative) }
    return file
  }

  /// Nil when nothing has that name. A link is reported as a link.
  package func status(of relative: String) throws(DurableFailure) -> FileStatus? {
    do {
      let (folder, name) = try place(of: relative, for: .open)
      return try attempt(.open, relative) { () throws(SystemError) in
        try disk.status(of: name, in: folder.descriptor)
      }
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// The names in this folder, sorted by their bytes.
  package func names() throws(DurableFailure) -> [String] {
    let names = try attempt(.listFolder, path) { () throws(SystemError) in try disk.names(in: descriptor) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Makes the names in this folder survive a loss of power.
  func sync() throws(DurableFailure) {
    do {
      try attempt(.sync, path) { () throws(SystemError) in try disk.sync(descriptor, dataOnly: false) }
    } catch {
      // Some network and user-space file systems have no sync for folders; their renames are the server's business.
      guard error.code == EINVAL || error.code == ENOTSUP else { throw error }
    }
  }

  /// Which folder this is, whatever its path.
  func identity() throws(DurableFailure) -> FileStatus.Identity {
    try attempt(.open, path) { () throws(SystemError) in try disk.status(descriptor).identity }
  }

  package func path(of name: String) -> String { path == "." ? name : "\(path)/\(name)" }

  private func place(
    of relative: String, for operation: DurableFailure.Operation
  ) throws(DurableFailure) -> (folder: OpenFolder, name: String) {
    let path = try RelativePath(relative, for: operation)
    var folder = self
    for part in path.folders { folder = try folder.subfolder(part) }
    return (folder, path.name)
  }
}

/// The path of a root as its user gave it.
struct RootPath {
  /// Without trailing slashes: they would make the system follow a link.
  let text: String

  init(_ path: String) throws(DurableFailure) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw DurableFailure(.openFolder, EINVAL, ".") }
    let trimmed = path.utf8.reversed().drop { $0 == UInt8(ascii: "/") }.reversed()
    text = trimmed.isEmpty ? "/" : String(decoding: Array(trimmed), as: UTF8.self)
  }

  /// The folder that this one lies in, and its name there; nil for `/`, `.` and `..`, which cannot be made.
  var parent: (path: String, name: String)? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last, !["", ".", ".."].contains(name) else { return nil }
    guard parts.count > 1 else { return (".", text) }
    let above = parts.dropLast().joined(separator: "/")
    return (above.isEmpty ? "/" : above, String(name))
  }
}
