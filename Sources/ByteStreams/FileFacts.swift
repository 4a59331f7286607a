import Glibc

/// What tells without reading it whether a file is still the one that was read.
package struct FileFacts: Hashable, Sendable {
  package let bytes: Int
  /// Nanoseconds since 1970.
  package let modified: Int
  /// When the content or anything about the file was changed last, which no program can set; in nanoseconds since 1970.
  package let changed: Int
  package let inode: UInt64

  package init(bytes: Int, modified: Int, changed: Int, inode: UInt64) {
    (self.bytes, self.modified, self.changed, self.inode) = (bytes, modified, changed, inode)
  }

  init(_ status: stat) {
    self.init(
      bytes: Int(status.st_size), modified: status.st_mtim.nanoseconds, changed: status.st_ctim.nanoseconds,
      inode: UInt64(status.st_ino))
  }

  /// Whether a change from `now` on must show. Clocks of file systems tick: a file that is written twice within a tick has
  /// the same times both times.
  package func wouldShowChange(after now: Int) -> Bool {
    let tick = hasCoarseTimes ? 2_000_000_000 : 100_000_000
    return now - changed > tick
  }

  /// Whether the file system's clock seems to tick in whole seconds.
  package var hasCoarseTimes: Bool { changed % 1_000_000_000 == 0 }

  /// Nanoseconds since 1970.
  package static var now: Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.nanoseconds
  }
}

extension timespec {
  fileprivate var nanoseconds: Int {
    Int(tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ tv_nsec
  }
}
