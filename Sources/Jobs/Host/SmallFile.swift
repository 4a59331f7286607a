import Glibc

/// Files that are read whole: the job, a key, a list of weights.
package enum SmallFile {
  /// The file's bytes, or `nil` when it is no regular file, cannot be read or holds more than `limit` bytes.
  package static func read(_ path: String, limit: Int) -> [UInt8]? {
    // O_NONBLOCK: a FIFO in the file's place must not hang a night's run.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while bytes.count <= limit {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { return bytes }
      bytes += piece[..<count]
    }
    return nil
  }
}

extension SmallFile {
  /// Whether any user of the machine may read or change the file; also when nobody knows.
  static func isOpenToAll(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) != 0 || facts.st_mode & (S_IROTH | S_IWOTH) != 0
  }

  /// Whether nothing is there under this name.
  static func isMissing(_ path: String) -> Bool { access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR) }

  /// Why `read` gave nothing of a file that should have been `what`.
  static func objection(to path: String, as what: String) -> String {
    "expected \(what) of at most 16 MiB that can be read, found \(found(at: path))"
  }

  private static func found(at path: String) -> String {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return isMissing(path) ? "no such file" : "none that can be reached" }
    return switch facts.st_mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFREG: access(path, R_OK) == 0 ? "more" : "one that this user may not read"
    default: "no regular file"
    }
  }

  /// Why a file cannot be opened, for the sentence `cannot open the mask: no such file`; `nil` when nothing is known
  /// against it.
  static func obstacle(to path: String) -> String? {
    var facts = stat()
    guard stat(path, &facts) == 0 else {
      switch errno {
      case ENOENT, ENOTDIR: return "no such file"
      case EACCES: return "this user may not enter its folder"
      default: return String(cString: strerror(errno))
      }
    }
    return switch facts.st_mode & S_IFMT {
    case S_IFDIR: "it is a folder"
    case S_IFREG: access(path, R_OK) == 0 ? nil : "this user may not read it"
    default: "it is no regular file"
    }
  }
}

/// A path as the job means it: relative ones start at the job file's folder.
func resolved(_ path: String, in folder: String) -> String {
  path.hasPrefix("/") ? path : "\(folder)/\(path)"
}
