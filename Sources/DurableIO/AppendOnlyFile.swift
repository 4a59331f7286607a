import Glibc
import Synchronization

/// A file in the root of an output tree that only grows, line by line.
///
/// One write per line with `O_APPEND`. After any error the file takes nothing more: the end of it is then unknown, and
/// is looked at afresh by whoever opens it next.
package final class AppendOnlyFile: Sendable {
  private let disk: any Disk
  private let descriptor: Descriptor
  private let name: String
  private let root: OpenFolder
  private let firstFailure = Mutex<DurableFailure?>(nil)
  /// Bytes that the file has when nobody else writes to it.
  private let expected = Mutex(0)

  /// Opens or creates the file; its name survives a loss of power once this returns.
  package init(_ name: String, in folder: OutputFolder) throws(DurableFailure) {
    disk = folder.disk
    root = folder.root
    self.name = name
    descriptor = try attempt(.open, name) { () throws(SystemError) in
      try folder.disk.open(name, in: folder.root.descriptor, for: .appending)
    }
    let found = try status()
    guard found.kind == .file else { throw DurableFailure(.open, ENXIO, name) }
    expected.withLock { $0 = found.size }
    if found.size == 0 { try? disk.setMode(descriptor, folder.recordMode & ~disk.creationMask) }
    try folder.root.sync()
  }

  deinit { disk.closeQuietly(descriptor) }

  package func status() throws(DurableFailure) -> FileStatus {
    try attempt(.open, name) { () throws(SystemError) in try disk.status(descriptor) }
  }

  /// - Parameter synced: wait until this and everything before it is on the disk.
  package func append(_ line: [UInt8], synced: Bool) throws(DurableFailure) {
    try step { () throws(DurableFailure) in
      try line.span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in
        try disk.writeAll(descriptor, raw, path: name)
      }
      expected.withLock { $0 += line.count }
      if synced { try syncData() }
    }
  }

  /// Whether the file is still under its name, and nobody else has written to it.
  package var isInPlace: Bool {
    guard let held = try? status(), let named = try? root.status(of: name) else { return false }
    return named.identity == held.identity && held.size == expected.withLock { $0 }
  }

  package func sync() throws(DurableFailure) { try step(syncData) }

  /// Cuts off a torn end, the one exception to growing.
  package func truncate(to size: Int) throws(DurableFailure) {
    try step { () throws(DurableFailure) in
      try attempt(.truncate, name) { () throws(SystemError) in try disk.truncate(descriptor, to: size) }
      expected.withLock { $0 = size }
      try syncData()
    }
  }

  private func syncData() throws(DurableFailure) {
    try attempt(.sync, name) { () throws(SystemError) in try disk.sync(descriptor, dataOnly: true) }
  }

  private func step(_ body: () throws(DurableFailure) -> Void) throws(DurableFailure) {
    try firstFailure.withLock { (firstFailure) throws(DurableFailure) in
      if let firstFailure { throw firstFailure }
      do throws(DurableFailure) {
        try body()
      } catch {
        firstFailure = error
        throw error
      }
    }
  }
}
