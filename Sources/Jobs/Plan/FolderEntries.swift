import DurableIO
import Glibc
import Volumes

/// One entry of a folder, as `readdir` and `lstat` show it.
struct FolderEntry {
  enum Kind { case folder, file, link, other }

  /// `nil` when the name's bytes are not UTF-8.
  let name: String?
  /// The name for people: bytes that are not UTF-8 as `\xff`.
  let shownName: String
  let kind: Kind

  /// A path that ends in the entry's shown name, with one character in place of each byte that is not UTF-8: for patterns,
  /// in which a `?` stands for one of them.
  func repaired(_ path: String) -> String {
    path.dropLast(shownName.count) + repairedName
  }

  private let repairedName: String

  init(bytes: [UInt8], kind: Kind) {
    name = String(validating: bytes, as: UTF8.self)
    repairedName = String(decoding: bytes, as: UTF8.self)
    shownName = name ?? escaped(bytes)
    self.kind = kind
  }
}

/// A folder's entries cannot be had.
struct UnreadableFolder: Error {
  let code: Int32

  /// Scans may lie in it, so it counts as a scan that failed.
  var failure: ScanFailure {
    ScanFailure(
      [EACCES, EPERM].contains(code) ? .notPermitted : .readError, .plan, "folder",
      expected: "to read which scans it holds", found: String(cString: strerror(code)),
      advice: "see to the folder, or name it in input.exclude")
  }
}

/// The entries of a folder in the order of their names' bytes.
func folderEntries(_ path: String) throws(UnreadableFolder) -> [FolderEntry] {
  guard let folder = opendir(path) else { throw UnreadableFolder(code: errno) }
  defer { closedir(folder) }
  var entries: [(bytes: [UInt8], entry: FolderEntry)] = []
  errno = 0
  while let item = readdir(folder) {
    defer { errno = 0 }
    let bytes = nameBytes(item)
    if bytes == [46] || bytes == [46, 46] { continue }
    let kind = entryKind(item.pointee.d_type, path: path, name: String(validating: bytes, as: UTF8.self))
    entries.append((bytes, FolderEntry(bytes: bytes, kind: kind)))
  }
  // The end of a folder and an error look the same but for errno; half a folder must not pass for a whole one.
  guard errno == 0 else { throw UnreadableFolder(code: errno) }
  return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.entry)
}

/// A folder's identity, the same through every path that leads to it.
package struct FolderIdentity: Hashable, Sendable {
  let device: UInt
  let inode: UInt

  /// `nil` when there is no folder at the path; links are followed.
  package init?(path: String) {
    guard let facts = try? FolderFacts(of: path) else { return nil }
    self = facts.identity
  }

  fileprivate init(_ facts: stat) {
    device = UInt(facts.st_dev)
    inode = UInt(facts.st_ino)
  }
}

/// What tells a folder from others, also where its identity is hidden by a file system that shows another one.
struct FolderFacts: Sendable {
  let identity: FolderIdentity
  /// In seconds since 1970; all views of one folder agree on it, some of them to the second.
  let changed: Int

  /// Links are followed.
  ///
  /// - Throws: also when something else is there now.
  init(of path: String) throws(UnreadableFolder) {
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw UnreadableFolder(code: errno) }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw UnreadableFolder(code: ENOTDIR) }
    identity = FolderIdentity(facts)
    changed = facts.st_mtim.tv_sec
  }
}

extension FileStatus.Identity {
  /// Of the regular file that a path leads to, or of one that it names itself; `nil` when there is none.
  init?(ofFileAt path: String, followingLinks: Bool = true) {
    var facts = stat()
    let isThere = (followingLinks ? stat(path, &facts) : lstat(path, &facts)) == 0
    guard isThere, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino))
  }
}

/// The path with every link resolved, or `nil` when it leads nowhere.
func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(validatingCString: resolved)
}

private func nameBytes(_ item: UnsafeMutablePointer<dirent>) -> [UInt8] {
  // The name is read where readdir put it; the pointer does not outlive the closure.
  withUnsafePointer(to: &item.pointee.d_name) { name in
    name.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: name.pointee)) { bytes in
      Array(
        UnsafeBufferPointer(start: bytes, count: strlen(UnsafeRawPointer(bytes).assumingMemoryBound(to: CChar.self))))
    }
  }
}

private func entryKind(_ type: UInt8, path: String, name: String?) -> FolderEntry.Kind {
  switch Int(type) {
  case Int(DT_DIR): return .folder
  case Int(DT_REG): return .file
  case Int(DT_LNK): return .link
  case Int(DT_UNKNOWN):
    // Some file systems leave the type out of the folder and want to be asked.
    var facts = stat()
    guard let name, lstat("\(path)/\(name)", &facts) == 0 else { return .other }
    switch facts.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file
    case S_IFLNK: return .link
    default: return .other
    }
  default: return .other
  }
}

private func escaped(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    byte >= 0x20 && byte < 0x7f ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16)
  }.joined()
}
