import CLinux
import Glibc
import Parallel
import Volumes

/// One input file, read once from the beginning to the end, hashed on the way.
///
/// Whether it is still the same file is asked of the open descriptor, not of the name. Files are never mapped: one that
/// shrinks meanwhile would kill the process (SIGBUS) instead of failing one scan.
package final class FileSource: ByteSource {
  /// Bytes of the file when it was opened.
  package let byteCount: Int
  /// Bytes read so far.
  package private(set) var position = 0
  /// As it was opened.
  package let facts: FileFacts
  /// Who may read and write it.
  package let mode: UInt32
  /// The same, where whatever is written into the file from then on must show in them.
  package let lastingFacts: FileFacts?
  private let file: FileDescriptor
  private let opened: Stamp
  private let hash: HashLane
  private var digest: Digest?

  /// Opens the file at `path` beneath the folder `root`, whatever the names on the way are made to mean meanwhile.
  ///
  /// - Parameters:
  ///   - root: an open folder; needed only during the call.
  ///   - path: relative, without `.` and `..`.
  ///   - workers: with more than one lane the file is hashed beside the reading; see `settle()`.
  ///   - nameByName: opens as on kernels without openat2, for the tests of that way.
  /// - Throws: `E_IN_OPEN`, `E_IN_PERM`, `E_IN_SYMLINK`; `E_IN_TYPE` for folders, pipes, devices and sockets.
  package convenience init(
    root: Int32, path: String, links: LinkPolicy, workers: Workers = Workers(count: 1), nameByName: Bool = false
  ) throws(ScanFailure) {
    let beneath = BeneathRoot(descriptor: root, asksKernel: !nameByName)
    try self.init(beneath.open(path, links: links), workers)
  }

  /// Opens a file that the user named outside the input folder (a mask); links are followed.
  package convenience init(path: String, workers: Workers = Workers(count: 1)) throws(ScanFailure) {
    try self.init(BeneathRoot.openAnywhere(path), workers)
  }

  private init(_ file: FileDescriptor, _ workers: Workers) throws(ScanFailure) {
    // A store through a memory map moves no time while its page waits to be written anyway. Written out now, the next one
    // does. Nothing to do, for nearly every file; what cannot be done somewhere is not needed to go on.
    clinux_begin_writing_pages(file.number)
    let status = try FileSource.status(of: file)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ScanFailure(
        .notAFile, .open, "input", expected: "a regular file", found: FileSource.kind(of: status.st_mode))
    }
    self.file = file
    hash = HashLane(workers: workers)
    self.opened = Stamp(status)
    facts = FileFacts(status)
    mode = UInt32(status.st_mode & 0o777)
    lastingFacts = facts.wouldShowChange(after: FileFacts.now) ? facts : nil
    self.byteCount = Int(status.st_size)
    posix_fadvise(file.number, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(ScanFailure) -> Int {
    switch file.read(into: buffer) {
    case .success(let count):
      hash.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      position += count
      return count
    case .failure(let error):
      throw ScanFailure(.readError, .read, "byte \(position)", expected: "to be read", found: "\(error)")
    }
  }

  package func settle(leaving pieces: Int) { hash.wait(leaving: pieces) }

  /// Reads what is left, and requires that the file is still the one that was opened.
  ///
  /// - Returns: the SHA-256 of the whole file.
  /// - Throws: `E_IN_CHANGED` when size, modification or status change time differ, or another count of bytes came.
  package func finish() throws(ScanFailure) -> Digest {
    if let digest { return digest }
    try readToEnd()
    try requireUnchanged()
    let whole = hash.finalise()
    digest = whole
    return whole
  }

  /// - Throws: `E_IN_CHANGED` when the file is not as it was opened, or not all of it was read.
  package func requireUnchanged() throws(ScanFailure) {
    let now = Stamp(try FileSource.status(of: file))
    guard now == opened, position == byteCount else {
      throw .changed(
        from: byteCount,
        found: "\(max(now.size, position)) bytes, \(now == opened ? "not all readable" : "changed meanwhile")")
    }
  }

  /// - Throws: `E_IN_CHANGED` when another file was opened under the same name meanwhile.
  package func requireSame(as named: FileSource) throws(ScanFailure) {
    guard named.facts.inode == facts.inode else {
      throw .changed(from: byteCount, found: "another file of the same name")
    }
  }

  /// Stops one byte past the announced end, so that a file that grows for ever does not hold us.
  private func readToEnd() throws(ScanFailure) {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { (buffer) throws(ScanFailure) in
      while position <= byteCount, try read(into: buffer) > 0 { settle() }
    }
  }

  private static func status(of file: FileDescriptor) throws(ScanFailure) -> stat {
    switch file.status() {
    case .success(let status): return status
    case .failure(let error):
      throw ScanFailure(.readError, .read, "input", expected: "its size and times", found: "\(error)")
    }
  }

  private static func kind(of mode: mode_t) -> String {
    switch mode & S_IFMT {
    case S_IFDIR: "a folder"
    case S_IFIFO: "a pipe"
    case S_IFSOCK: "a socket"
    case S_IFCHR, S_IFBLK: "a device"
    default: "something else"
    }
  }
}

extension ScanFailure {
  fileprivate static func changed(from bytes: Int, found: String) -> ScanFailure {
    ScanFailure(
      .changedWhileRead, .read, "input", expected: "\(bytes) bytes, unchanged while it was read", found: found,
      advice: "run again when nobody writes it")
  }
}

/// What changes when someone writes into a file or replaces its content. Times have the clock's tick, not a nanosecond.
private struct Stamp: Equatable {
  let size: Int
  let modified: [Int]
  let changed: [Int]

  init(_ status: stat) {
    size = Int(status.st_size)
    modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
  }
}
