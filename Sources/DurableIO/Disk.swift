import Glibc

/// The system calls that reading, writing and publishing files need, and nothing else.
///
/// Each does what the call of that name does, once: no retries, no loops, short counts are normal. What makes them safe
/// (`EINTR`, short writes, the order of syncs) is written once above this protocol, so a simulated disk that fails or
/// loses power at the n-th call tests the very code that runs.
///
/// A `nil` folder is the working folder of the process. Names hold no NUL byte; callers see to that.
package protocol Disk: Sendable {
  /// The bits that new files and folders do not get (umask).
  var creationMask: UInt32 { get }

  func open(_ path: String, in folder: Descriptor?, for purpose: OpenPurpose) throws(SystemError) -> Descriptor
  /// Never retried: Linux gives the descriptor back even when `close` reports an error.
  func close(_ file: Descriptor) throws(SystemError)

  /// - Returns: bytes read; 0 at the end of the file.
  func read(_ file: Descriptor, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(SystemError) -> Int
  /// - Returns: bytes written, which may be fewer than asked for.
  func write(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int
  func truncate(_ file: Descriptor, to size: Int) throws(SystemError)
  func setMode(_ file: Descriptor, _ mode: UInt32) throws(SystemError)
  /// Works on files and folders; with `dataOnly` as fdatasync, which still writes what is needed to find the data.
  func sync(_ file: Descriptor, dataOnly: Bool) throws(SystemError)
  func status(_ file: Descriptor) throws(SystemError) -> FileStatus
  /// - Returns: false when another process holds the lock. The lock ends when the descriptor is closed, by death too.
  func lock(_ file: Descriptor) throws(SystemError) -> Bool
  /// Ends the lock even where a child that is just being started still holds a copy of the descriptor.
  func unlock(_ file: Descriptor) throws(SystemError)

  /// The status of a name itself; a symbolic link is not followed.
  func status(of path: String, in folder: Descriptor?) throws(SystemError) -> FileStatus
  func makeFolder(_ path: String, in folder: Descriptor?) throws(SystemError)
  /// Without `.` and `..`, in no order; names that are not UTF-8 are left out.
  func names(in folder: Descriptor) throws(SystemError) -> [String]
  /// The names that `names(in:)` leaves out, with other bytes written as `\xff`.
  func otherNames(in folder: Descriptor) throws(SystemError) -> [OtherName]
  /// What a symbolic link says.
  func linkTarget(of name: String, in folder: Descriptor) throws(SystemError) -> String
  /// Whether any process of this machine holds a lock on a file or folder, as far as that can be told without asking for
  /// one: whoever asked for one might be in the way of a run that begins.
  func isLocked(_ file: FileStatus.Identity) -> Bool
  func rename(_ name: String, to final: String, in folder: Descriptor, replacing: Bool) throws(SystemError)
  func link(_ name: String, to final: String, in folder: Descriptor) throws(SystemError)
  func unlink(_ name: String, in folder: Descriptor) throws(SystemError)
}

extension Disk {
  package func otherNames(in folder: Descriptor) throws(SystemError) -> [OtherName] { [] }
  package func linkTarget(of name: String, in folder: Descriptor) throws(SystemError) -> String {
    throw SystemError(EINVAL)
  }
  package func isLocked(_ file: FileStatus.Identity) -> Bool { false }
}

/// A name that no text can hold, because its bytes are not UTF-8.
package struct OtherName: Equatable, Sendable {
  /// For people: other bytes as `\xff`.
  package let shown: String
  package let kind: FileStatus.Kind

  package init(shown: String, kind: FileStatus.Kind) {
    self.shown = shown
    self.kind = kind
  }
}

package struct Descriptor: Hashable, Sendable {
  package let number: Int32

  package init(_ number: Int32) { self.number = number }

  /// Of the process; paths that are absolute do not depend on it.
  package static let workingFolder = Descriptor(AT_FDCWD)
}

/// What a file is opened for; each purpose is one fixed set of flags. All are close-on-exec.
package enum OpenPurpose: Sendable {
  /// A folder; a symbolic link in the last place is refused.
  case folder
  /// A folder above the output root, where links are the user's own business.
  case folderFollowingLinks
  /// An existing file; links are refused and a pipe does not block.
  case reading
  /// A new file, private until it is published: exclusive, mode 0600.
  case creating
  /// Every write lands at the end; created when missing.
  case appending
  /// Read and write without truncation; created when missing.
  case locking
}

/// The number that a failed system call left in `errno`.
package struct SystemError: Error, Equatable, Sendable {
  package let code: Int32

  package init(_ code: Int32) { self.code = code }
}

/// The few facts of `stat` that decisions rest on.
package struct FileStatus: Equatable, Sendable {
  package enum Kind: Sendable { case file, folder, link, other }

  /// Tells two names of one file from two files.
  package struct Identity: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64

    package init(device: UInt64, inode: UInt64) {
      self.device = device
      self.inode = inode
    }
  }

  package let kind: Kind
  package let identity: Identity
  package let size: Int
  /// Who may read and write it.
  package let mode: UInt32
  /// When the content was written last, and when anything about it was changed last; in nanoseconds since 1970, 0 when
  /// nobody knows.
  package let modified: Int
  package let changed: Int

  package init(kind: Kind, identity: Identity, size: Int, mode: UInt32 = 0o644, modified: Int = 0, changed: Int = 0) {
    self.kind = kind
    self.identity = identity
    self.size = size
    self.mode = mode
    self.modified = modified
    self.changed = changed
  }
}
