import CLinux
import Glibc

/// The machine's own file systems.
package struct SystemDisk: Disk {
  // umask can only be read by setting it; once, before there are lanes, and to a value that shuts out rather than lets in.
  private static let mask: UInt32 = {
    let found = umask(0o077)
    _ = umask(found)
    return found
  }()

  package init() {}

  package var creationMask: UInt32 { Self.mask }

  package func open(_ path: String, in folder: Descriptor?, for purpose: OpenPurpose) throws(SystemError) -> Descriptor
  {
    Descriptor(try checked(clinux_open(number(folder), path, purpose.flags, purpose.mode)))
  }

  package func close(_ file: Descriptor) throws(SystemError) { try checked(Glibc.close(file.number)) }

  package func read(
    _ file: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(SystemError) -> Int {
    try checked(pread(file.number, buffer.baseAddress, buffer.count, offset))
  }

  package func write(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
    try checked(Glibc.write(file.number, bytes.baseAddress, bytes.count))
  }

  package func truncate(_ file: Descriptor, to size: Int) throws(SystemError) {
    try checked(ftruncate(file.number, size))
  }

  package func setMode(_ file: Descriptor, _ mode: UInt32) throws(SystemError) {
    try checked(fchmod(file.number, mode))
  }

  package func sync(_ file: Descriptor, dataOnly: Bool) throws(SystemError) {
    try checked(dataOnly ? fdatasync(file.number) : fsync(file.number))
  }

  package func status(_ file: Descriptor) throws(SystemError) -> FileStatus {
    var found = stat()
    try checked(fstat(file.number, &found))
    return FileStatus(found)
  }

  package func lock(_ file: Descriptor) throws(SystemError) -> Bool {
    do {
      try checked(flock(file.number, LOCK_EX | LOCK_NB))
      return true
    } catch {
      guard error.code == EWOULDBLOCK else { throw error }
      return false
    }
  }

  package func unlock(_ file: Descriptor) throws(SystemError) { try checked(flock(file.number, LOCK_UN)) }

  package func status(of path: String, in folder: Descriptor?) throws(SystemError) -> FileStatus {
    var found = stat()
    try checked(fstatat(number(folder), path, &found, AT_SYMLINK_NOFOLLOW))
    return FileStatus(found)
  }

  package func makeFolder(_ path: String, in folder: Descriptor?) throws(SystemError) {
    try checked(mkdirat(number(folder), path, 0o777))
  }

  package func names(in folder: Descriptor) throws(SystemError) -> [String] {
    try listed(folder) { entry, _ in entry.name.flatMap { $0 == "." || $0 == ".." ? nil : $0 } }
  }

  /// What `body` makes of each entry of a folder, in no order.
  func listed<Value>(
    _ folder: Descriptor, _ body: (UnsafeMutablePointer<dirent>, Descriptor) -> Value?
  ) throws(SystemError) -> [Value] {
    // A second opening, because a listing moves the place of the descriptor it reads from.
    let own = try open(".", in: folder, for: .folder)
    guard let listing = fdopendir(own.number) else {
      let error = SystemError(errno)
      _ = Glibc.close(own.number)
      throw error
    }
    defer { closedir(listing) }
    var values: [Value] = []
    while true {
      errno = 0
      guard let entry = readdir(listing) else {
        guard errno == 0 else { throw SystemError(errno) }
        return values
      }
      if let value = body(entry, own) { values.append(value) }
    }
  }

  package func rename(
    _ name: String, to final: String, in folder: Descriptor, replacing: Bool
  ) throws(SystemError) {
    let (at, onto) = (folder.number, folder.number)
    try checked(replacing ? renameat(at, name, onto, final) : clinux_rename_no_replace(at, name, onto, final))
  }

  package func link(_ name: String, to final: String, in folder: Descriptor) throws(SystemError) {
    try checked(linkat(folder.number, name, folder.number, final, 0))
  }

  package func unlink(_ name: String, in folder: Descriptor) throws(SystemError) {
    try checked(unlinkat(folder.number, name, 0))
  }

  private func number(_ folder: Descriptor?) -> Int32 { folder?.number ?? AT_FDCWD }

  @discardableResult
  private func checked<Count: SignedInteger>(_ returned: Count) throws(SystemError) -> Count {
    guard returned >= 0 else { throw SystemError(errno) }
    return returned
  }
}

extension OpenPurpose {
  fileprivate var flags: Int32 {
    switch self {
    case .folder: O_RDONLY | O_DIRECTORY | O_NOFOLLOW
    case .folderFollowingLinks: O_RDONLY | O_DIRECTORY
    case .reading: O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    case .creating: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
    case .appending: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    case .locking: O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    }
  }

  fileprivate var mode: UInt32 {
    switch self {
    case .creating, .locking: 0o600
    case .appending: 0o666
    case .folder, .folderFollowingLinks, .reading: 0
    }
  }
}

extension FileStatus {
  init(_ found: stat) {
    let kind: Kind =
      switch found.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFLNK: .link
      default: .other
      }
    let identity = Identity(device: UInt64(found.st_dev), inode: UInt64(found.st_ino))
    self.init(
      kind: kind, identity: identity, size: Int(found.st_size), mode: UInt32(found.st_mode & 0o7777),
      modified: Self.nanoseconds(found.st_mtim),
      changed: Self.nanoseconds(found.st_ctim))
  }

  private static func nanoseconds(_ time: timespec) -> Int {
    time.tv_sec.multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ time.tv_nsec
  }
}

extension UnsafeMutablePointer<dirent> {
  /// Nil when the name is not UTF-8: a repaired name would be the name of another file.
  ///
  /// Read where it lies: an entry takes no more room than its name, so that a copy of all that a `dirent` can hold would
  /// take what is behind the folder's buffer with it.
  fileprivate var name: String? {
    guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
    let bytes = UnsafeRawPointer(self) + offset
    return String(validatingCString: bytes.assumingMemoryBound(to: CChar.self))
  }
}
