import Glibc

/// A file or folder could not be handled: what was tried, on what, and why it failed.
package struct DurableFailure: Error, Equatable, Sendable {
  package enum Operation: String, Sendable {
    case openFolder = "open the folder"
    case makeFolder = "make the folder"
    case listFolder = "list the folder"
    case open, create, read, write, truncate, sync, close, publish, lock, remove
  }

  package let operation: Operation
  /// As in `errno`.
  package let code: Int32
  /// Relative to the output root, which itself is `.`; never an absolute path, because failures are recorded.
  package let path: String

  package init(_ operation: Operation, _ code: Int32, _ path: String) {
    self.operation = operation
    self.code = code
    self.path = path
  }

  /// The disk or the user's share of it is full.
  package var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
  /// There already is something of that name: a file, a folder, a pipe.
  package var isExisting: Bool { code == EEXIST || code == EISDIR || code == ENXIO }
  package var isMissing: Bool { code == ENOENT }
  package var isFolder: Bool { code == EISDIR }
  /// The user may not do this here.
  package var isRefused: Bool { code == EACCES || code == EPERM }
  /// Nor may anybody else, if the file system is read-only.
  package var isNotPermitted: Bool { isRefused || code == EROFS }
  /// A link or a file stands where a folder beneath the root must be, or the path is none that stays beneath it.
  package var isEscape: Bool { code == ELOOP || code == ENOTDIR || code == EXDEV || code == EINVAL }
}

extension DurableFailure: CustomStringConvertible {
  package var description: String { "cannot \(operation.rawValue) \(path): \(reason)" }

  // Own words instead of strerror: the same in every locale, and they say what it means here.
  package var reason: String {
    switch code {
    case ENOSPC: "no space left on the disk"
    case EDQUOT: "the disk quota is used up"
    case EFBIG: "the file would exceed the size limit"
    case EIO: "the disk reported an input/output error"
    case EROFS: "the file system is read-only"
    case EACCES, EPERM: "permission denied"
    case EEXIST: "there already is something of that name"
    case ENOENT: "there is no such file or folder"
    case ENOTDIR: "not a folder"
    case EISDIR: "is a folder"
    case ELOOP: "is a symbolic link"
    case EXDEV: "leads out of its root"
    case EINVAL: "not a plain relative path, or not supported there"
    case ENXIO: "not a regular file"
    case ENAMETOOLONG: "the name is too long"
    case EMFILE, ENFILE: "too many open files"
    case ESTALE: "the network file system lost it"
    case ENOLCK, ENOTSUP: "not supported there"
    default: "system error \(code)"
    }
  }
}

/// Makes one system call (never two, or signals could starve them), again when a signal interrupted it, and turns its error into a failure with the place in it.
///
/// Everything but `close` goes through here.
func attempt<Value>(
  _ operation: DurableFailure.Operation, _ path: String, _ call: () throws(SystemError) -> Value
) throws(DurableFailure) -> Value {
  while true {
    do {
      return try call()
    } catch {
      if error.code != EINTR { throw DurableFailure(operation, error.code, path) }
    }
  }
}

extension Disk {
  /// Writes all of `bytes`, in as many pieces as the file takes them.
  func writeAll(_ file: Descriptor, _ bytes: UnsafeRawBufferPointer, path: String) throws(DurableFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = try attempt(.write, path) { () throws(SystemError) in try write(file, part) }
      // A file that takes nothing and reports nothing would be asked for ever.
      guard written > 0 else { throw DurableFailure(.write, EIO, path) }
      rest = rest.dropFirst(written)
    }
  }

  /// Closes once. `EINTR` counts as closed: Linux has released the descriptor by then.
  func closeChecked(_ file: Descriptor, path: String) throws(DurableFailure) {
    do {
      try close(file)
    } catch {
      if error.code != EINTR { throw DurableFailure(.close, error.code, path) }
    }
  }

  /// For descriptors whose data was only read, or is given up.
  func closeQuietly(_ file: Descriptor?) {
    if let file { try? close(file) }
  }
}
