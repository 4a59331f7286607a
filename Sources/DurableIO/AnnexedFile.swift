import Glibc

extension OpenFolder {
  /// Opens a published file for reading, also where `git annex add` or `datalad save` has moved it into the store of the
  /// dataset that the folder lies in, and left a link.
  ///
  /// Such a link is known by its text, `../.git/annex/objects/…`. The way up is gone from the folder that was opened, the
  /// way down name by name, so nothing but a file in the store of a dataset around the link can be reached.
  ///
  /// - Throws: as `file(at:)`; `ELOOP` for any other link, `ENOENT` where the content is not here.
  package func publishedFile(at relative: String) throws(DurableFailure) -> StoredFile {
    do {
      return try file(at: relative)
    } catch {
      guard error.code == ELOOP, let file = try annexedFile(at: relative) else { throw error }
      return file
    }
  }

  /// Nil when the link is not one of git-annex.
  private func annexedFile(at relative: String) throws(DurableFailure) -> StoredFile? {
    let path = try RelativePath(relative, for: .open)
    var folder = self
    for part in path.folders { folder = try folder.subfolder(part) }
    guard let text = try? disk.linkTarget(of: path.name, in: folder.descriptor), let link = AnnexLink(text) else {
      return nil
    }
    for _ in 0..<link.levelsUp { folder = try OpenFolder(name: "..", in: folder, disk: disk, path: relative) }
    // Of a dataset within another one, `.git` is a link of git's own.
    let git = try attempt(.open, relative) { () throws(SystemError) in
      try disk.open(".git", in: folder.descriptor, for: .folderFollowingLinks)
    }
    folder = OpenFolder(holding: git, disk: disk, path: relative)
    for part in link.folders { folder = try OpenFolder(name: part, in: folder, disk: disk, path: relative) }
    let descriptor = try attempt(.open, relative) { () throws(SystemError) in
      try disk.open(link.key, in: folder.descriptor, for: .reading)
    }
    let file = StoredFile(descriptor, disk: disk, path: relative)
    guard try file.status().kind == .file else { throw DurableFailure(.open, ENXIO, relative) }
    return file
  }

  /// Whether a name is a link into the store of a dataset around it, whether or not the content is there.
  package func isAnnexLink(_ name: String) -> Bool {
    guard let text = try? disk.linkTarget(of: name, in: descriptor) else { return false }
    return AnnexLink(text) != nil
  }
}

extension OpenFolder {
  /// Removes a link that git-annex has made of a file whose content nobody needs.
  ///
  /// - Returns: false when it is no such link, or not any more and not because of us.
  func dropAnnexLink(_ name: String) throws(DurableFailure) -> Bool {
    // Of two that find the link, the second must not take away the file that the first one made.
    guard isAnnexLink(name), (try? disk.lock(descriptor)) == true else { return false }
    defer { try? disk.unlock(descriptor) }
    guard isAnnexLink(name) else { return true }
    try attempt(.remove, path(of: name)) { () throws(SystemError) in try disk.unlink(name, in: descriptor) }
    return true
  }
}

extension OutputFolder {
  /// Puts a file in the place of a link that git-annex has made of it, so that it can grow; the store keeps its own.
  ///
  /// Does nothing where there is no such link.
  package func takeOutOfAnnex(_ name: String) throws(DurableFailure) {
    guard try root.status(of: name)?.kind == .link, root.isAnnexLink(name) else { return }
    try publish(copyOf: root.publishedFile(at: name), as: name)
  }
}

/// The text of a link that git-annex makes.
private struct AnnexLink {
  let levelsUp: Int
  /// Below `.git`.
  let folders: [String]
  let key: String

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    levelsUp = parts.prefix { $0 == ".." }.count
    let below = parts.dropFirst(levelsUp)
    guard below.count > 4, below.starts(with: [".git", "annex", "objects"]),
      below.allSatisfy({ !["", ".", ".."].contains($0) }), let key = below.last
    else { return nil }
    folders = Array(below.dropFirst().dropLast())
    self.key = key
  }
}
