import Glibc
import Synchronization

/// The root of an output tree: the only place that is written to.
///
/// A folder counts as usable once its name in the folder above has been synced, else a loss of power could take a
/// published file away together with the folder it lies in.
package final class OutputFolder: Sendable {
  /// Holds the lock; never scan data.
  package static let stateFolder = ".medfilter"
  private let place: RootPath

  /// Whether the root is still found under its path.
  package var isStillThere: Bool {
    guard let now = try? OpenFolder(name: place.text, in: nil, disk: disk, path: ".") else { return false }
    return now.folderIdentity == root.folderIdentity
  }

  /// For everything that is only read.
  package let root: OpenFolder
  /// Where temporary files without a name may lie.
  package var statePath: String { "\(place.text)/\(Self.stateFolder)" }
  /// Who may read and write what is recorded of outputs, at most: the log tells as much as they do.
  package var recordMode: UInt32 { widest.withLock { $0 } }
  private let widest = Mutex<UInt32>(0o666)
  /// Tells this tree's temporary files from those of another root that lies inside it or around it.
  let identity: String
  private let durable = Mutex<Set<String>>([])

  var disk: any Disk { root.disk }

  /// Opens the root and creates what is missing of its path, then proves that a block can be written there.
  ///
  /// - Throws: `ELOOP` when the root itself is a symbolic link (folders above it may be), `ENOTDIR`, `EROFS`, `EACCES`,
  ///   `ENOSPC` and what else the disk says; the path in the failure is `.` or lies beneath it.
  package init(path: String, disk: any Disk = SystemDisk()) throws(DurableFailure) {
    place = try RootPath(path)
    root = try Self.createRoot(place, disk: disk)
    let state = try Self.create(Self.stateFolder, in: root)
    try root.sync()
    let inode = try attempt(.open, state.path) { () throws(SystemError) in
      try disk.status(state.descriptor).identity.inode
    }
    identity = PendingFile.hex(inode)
    durable.withLock { _ = $0.insert(Self.stateFolder) }
    try probe()
  }

  /// Says who may read what is recorded from now on; its owner may in any case.
  package func setRecordMode(_ mode: UInt32) { widest.withLock { $0 = mode & 0o666 | 0o600 } }

  /// Creates a folder beneath the root, with all above it, so that it survives a loss of power.
  ///
  /// - Throws: `ENOTDIR` or `ELOOP` when a file or a link stands in the way.
  @discardableResult
  package func ensureFolder(_ relative: String) throws(DurableFailure) -> OpenFolder {
    if relative == "." { return root }
    var folder = root
    for part in try RelativePath(relative, for: .makeFolder).parts {
      let inner = try Self.create(part, in: folder)
      // Synced even when it was there already: whoever made it may have died before the sync.
      if !durable.withLock({ $0.contains(inner.path) }) {
        try folder.sync()
        durable.withLock { _ = $0.insert(inner.path) }
      }
      folder = inner
    }
    return folder
  }

  /// Begins a file that will appear at `relative` when it is published.
  ///
  /// - Parameter mode: who may read and write it at most.
  package func pendingFile(for relative: String, mode: UInt32 = 0o666) throws(DurableFailure) -> PendingFile {
    let path = try RelativePath(relative, for: .create)
    let folder = try ensureFolder(path.folders.isEmpty ? "." : path.folders.joined(separator: "/"))
    return try PendingFile(named: path.name, in: folder, owner: identity, mode: mode)
  }

  /// Publishes a small file in one call: written, synced, renamed.
  ///
  /// - Parameter mode: who may read and write it at most; nil for what is recorded of outputs.
  package func publish(
    _ bytes: [UInt8], as relative: String, replacing: Bool, mode: UInt32? = nil
  ) throws(DurableFailure) {
    let file = try pendingFile(for: relative, mode: mode ?? recordMode)
    try bytes.span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in try file.write(raw) }
    try file.publish(replacing: replacing)
  }

  /// Publishes a copy of what is recorded of outputs, in place of whatever has its name.
  package func publish(copyOf original: StoredFile, as relative: String) throws(DurableFailure) {
    let file = try pendingFile(for: relative, mode: recordMode)
    var failure: DurableFailure?
    try original.forEachPiece { piece in
      do throws(DurableFailure) {
        try file.write(piece)
      } catch {
        failure = error
      }
      return failure == nil
    }
    if let failure { throw failure }
    try file.publish(replacing: true)
  }

  /// One block written, synced and removed: finds a full or read-only disk before any work is done.
  private func probe() throws(DurableFailure) {
    let file = try PendingFile(named: "probe", in: root, owner: identity)
    try [UInt8](repeating: 0, count: 4096).span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in
      try file.write(raw)
    }
    do throws(DurableFailure) {
      try file.sync()
    } catch {
      // The run that holds the lock tidies up what dead runs left, and took this for it: it could be written, then.
      guard error.isMissing else { throw error }
    }
    file.discard()
  }

  private static func createRoot(_ path: RootPath, disk: any Disk) throws(DurableFailure) -> OpenFolder {
    do {
      let found = try OpenFolder(name: path.text, in: nil, disk: disk, path: ".")
      // Its name may be unsynced, but the folder above need not be ours to open.
      if let above = path.parent, let parent = try? OpenFolder(followingLinks: above.path, disk: disk) {
        try? parent.sync()
      }
      return found
    } catch {
      guard error.isMissing, let above = path.parent else { throw error }
      let parent = try createParent(try RootPath(above.path), disk: disk)
      let created = try create(above.name, in: parent, path: ".")
      try parent.sync()
      return created
    }
  }

  /// Folders above the root may be reached through links.
  private static func createParent(_ path: RootPath, disk: any Disk) throws(DurableFailure) -> OpenFolder {
    do {
      return try OpenFolder(followingLinks: path.text, disk: disk)
    } catch {
      guard error.isMissing else { throw error }
      return try createRoot(path, disk: disk)
    }
  }

  private static func create(
    _ name: String, in folder: OpenFolder, path: String? = nil
  ) throws(DurableFailure) -> OpenFolder {
    let place = path ?? folder.path(of: name)
    do {
      try attempt(.makeFolder, place) { () throws(SystemError) in
        try folder.disk.makeFolder(name, in: folder.descriptor)
      }
    } catch {
      // Something is there; opening it says whether it is a folder. Read-only systems may say so before they look.
      guard error.isExisting || error.isNotPermitted else { throw error }
      do {
        return try OpenFolder(name: name, in: folder, disk: folder.disk, path: place)
      } catch let opening {
        throw opening.isMissing ? error : opening
      }
    }
    return try OpenFolder(name: name, in: folder, disk: folder.disk, path: place)
  }
}
