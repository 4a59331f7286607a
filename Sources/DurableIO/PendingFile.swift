import Glibc
import Synchronization

/// A file on its way to its final name.
///
/// The bytes go into a temporary file in the destination folder; only `publish` gives it its name, and only when every
/// byte of it is known to be on the disk. Any error is final: after a failed sync the kernel may call the next one a
/// success although the data is gone (PostgreSQL's "fsyncgate"), so the only way on is a new file.
package final class PendingFile: Sendable {
  private struct State {
    var writing: Descriptor?
    /// Opened before the file is closed for writing, so that it reads the very file that was written.
    var reading: Descriptor?
    var isSynced = false
    var hasEnded = false
    var failure: DurableFailure?
  }

  private let folder: OpenFolder
  private let name: String
  private let temporaryName: String
  private let file: FileStatus.Identity
  /// Who may read and write it at most; the umask takes away from that.
  private let mode: UInt32
  private let state: Mutex<State>

  private var disk: any Disk { folder.disk }
  private var path: String { folder.path(of: name) }

  init(
    named name: String, in folder: OpenFolder, owner: String, mode: UInt32 = 0o666
  ) throws(DurableFailure) {
    let disk = folder.disk
    let temporaryName = Self.temporaryName(owner: owner)
    let path = folder.path(of: name)
    let descriptor = try attempt(.create, path) { () throws(SystemError) in
      try disk.open(temporaryName, in: folder.descriptor, for: .creating)
    }
    do {
      file = try attempt(.create, path) { () throws(SystemError) in try disk.status(descriptor).identity }
    } catch {
      disk.closeQuietly(descriptor)
      try? disk.unlink(temporaryName, in: folder.descriptor)
      throw error
    }
    self.folder = folder
    self.name = name
    self.temporaryName = temporaryName
    self.mode = mode & 0o666 | 0o400
    state = Mutex(State(writing: descriptor))
  }

  deinit { discard() }

  /// Adds bytes at the end; all of them or an error.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(DurableFailure) {
    try step { (state) throws(DurableFailure) in
      guard let descriptor = state.writing else { throw DurableFailure(.write, EBADF, path) }
      try disk.writeAll(descriptor, bytes, path: path)
      state.isSynced = false
    }
  }

  /// Gives the file its final mode and waits until its bytes are on the disk.
  package func sync() throws(DurableFailure) { try step(syncBytes) }

  /// Closes the file for writing, which is where network file systems report a full disk. Syncs before, when needed.
  package func close() throws(DurableFailure) { try step(closeWriting) }

  /// What was written, to be read and compared before it gets its name. Closes before, when needed.
  package func openForReadBack() throws(DurableFailure) -> StoredFile {
    try step { (state) throws(DurableFailure) in
      try closeWriting(&state)
      guard let descriptor = state.reading else { throw DurableFailure(.read, EBADF, path) }
      state.reading = nil
      return StoredFile(descriptor, disk: disk, path: path)
    }
  }

  /// Gives the file its name and waits until the name is on the disk. Syncs and closes before, when needed.
  ///
  /// - Throws: `EEXIST` when there already is something and `replacing` is false; it is not touched. When the failure's
  ///   operation is `sync`, the file has its name but a loss of power may take it away.
  package func publish(replacing: Bool) throws(DurableFailure) {
    try giveName(replacing: replacing)
    try Self.syncNames(of: [self])
  }

  /// Gives the file its name, which a loss of power may take away until `syncNames` has returned. Syncs and closes before,
  /// when needed.
  ///
  /// - Throws: as `publish`.
  package func giveName(replacing: Bool) throws(DurableFailure) {
    try step { (state) throws(DurableFailure) in
      try closeWriting(&state)
      try rename(replacing: replacing)
      state.hasEnded = true
      disk.closeQuietly(state.reading)
      state.reading = nil
    }
  }

  /// Waits until the names of files are on the disk, once for each folder that they lie in.
  package static func syncNames(of files: [PendingFile]) throws(DurableFailure) {
    var synced: Set<FileStatus.Identity> = []
    for folder in files.map(\.folder) {
      // By what was opened, not by path: a folder may have been replaced by another one of its name.
      if files.count > 1, try !synced.insert(folder.identity()).inserted { continue }
      try folder.sync()
    }
  }

  /// Removes the temporary file; a published file stays.
  package func discard() {
    state.withLock { state in
      guard !state.hasEnded else { return }
      state.hasEnded = true
      disk.closeQuietly(state.writing)
      disk.closeQuietly(state.reading)
      (state.writing, state.reading) = (nil, nil)
      try? disk.unlink(temporaryName, in: folder.descriptor)
    }
  }

  /// Runs one step, unless an earlier one failed: then that failure is the answer again.
  private func step<Value>(_ body: (inout State) throws(DurableFailure) -> Value) throws(DurableFailure) -> Value {
    // The result crosses the lock as a box because `withLock` wants it to be sendable, which an open file is not.
    var value: Value?
    try state.withLock { (state) throws(DurableFailure) in
      if let failure = state.failure { throw failure }
      guard !state.hasEnded else { throw DurableFailure(.write, EBADF, path) }
      do throws(DurableFailure) {
        value = try body(&state)
      } catch {
        state.failure = error
        throw error
      }
    }
    guard let value else { throw DurableFailure(.write, EBADF, path) }
    return value
  }

  private func syncBytes(_ state: inout State) throws(DurableFailure) {
    guard !state.isSynced, let descriptor = state.writing else { return }
    if state.reading == nil {
      state.reading = try attempt(.open, path) { () throws(SystemError) in
        try disk.open(temporaryName, in: folder.descriptor, for: .reading)
      }
    }
    do {
      try attempt(.sync, path) { () throws(SystemError) in
        try disk.setMode(descriptor, mode & ~disk.creationMask)
      }
    } catch {
      // Some file systems know no modes and refuse each: the file stays as they show it, its owner's alone where they can.
      guard [EPERM, EINVAL, ENOSYS, ENOTSUP].contains(error.code) else { throw error }
    }
    try attempt(.sync, path) { () throws(SystemError) in try disk.sync(descriptor, dataOnly: false) }
    state.isSynced = true
  }

  private func closeWriting(_ state: inout State) throws(DurableFailure) {
    try syncBytes(&state)
    guard let descriptor = state.writing else { return }
    state.writing = nil
    try disk.closeChecked(descriptor, path: path)
  }

  private func rename(replacing: Bool) throws(DurableFailure) {
    do {
      try attempt(.publish, path) { () throws(SystemError) in
        try disk.rename(temporaryName, to: name, in: folder.descriptor, replacing: replacing)
      }
    } catch {
      if hasItsName { return }
      // Some file systems cannot rename without replacing; a hard link never replaces.
      guard !replacing, error.code == EINVAL || error.code == ENOSYS || error.code == ENOTSUP else { throw error }
      try linkInstead()
    }
  }

  private func linkInstead() throws(DurableFailure) {
    do {
      try attempt(.publish, path) { () throws(SystemError) in
        try disk.link(temporaryName, to: name, in: folder.descriptor)
      }
    } catch {
      if hasItsName { return }
      // Nor do all of them know hard links. Then the name is looked at first; no other run writes here meanwhile.
      guard [EPERM, EINVAL, ENOSYS, ENOTSUP, EMLINK].contains(error.code) else { throw error }
      return try renameWhereNothingIs()
    }
    try? disk.unlink(temporaryName, in: folder.descriptor)
  }

  private func renameWhereNothingIs() throws(DurableFailure) {
    guard try folder.status(of: name) == nil else { throw DurableFailure(.publish, EEXIST, path) }
    try attempt(.publish, path) { () throws(SystemError) in
      try disk.rename(temporaryName, to: name, in: folder.descriptor, replacing: true)
    }
  }

  /// Whether the name is ours after all: a network file system may do the work, lose the answer, do it again and report
  /// that second failure.
  private var hasItsName: Bool {
    guard let found = try? disk.status(of: name, in: folder.descriptor), found.identity == file else { return false }
    try? disk.unlink(temporaryName, in: folder.descriptor)
    return true
  }
}

extension PendingFile {
  /// `.medfilter-<owner>-<random>.tmp`, each 16 hexadecimal digits.
  private static func temporaryName(owner: String) -> String {
    ".medfilter-\(owner)-\(hex(UInt64.random(in: .min ... .max))).tmp"
  }

  static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  /// Whether a name is one that `temporaryName(owner:)` makes.
  static func isTemporaryName(_ name: String, owner: String) -> Bool {
    let (prefix, suffix) = (".medfilter-\(owner)-", ".tmp")
    guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
    let token = name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
    return token.count == 16 && token.allSatisfy { "0123456789abcdef".utf8.contains($0) }
  }
}
