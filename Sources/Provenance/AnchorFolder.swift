import ByteStreams
import DurableIO

/// A folder that gets a copy of every head, best one on another machine where the log's own writer may add files and
/// change none.
///
/// Each copy is a file of its own, `<log>-<size>.head`, so that nothing there is ever replaced.
package struct AnchorFolder: Sendable {
  let folder: OpenFolder

  /// - Throws: when there is no such folder: one that is not mounted must not pass for an empty one.
  package init(path: String, disk: any Disk = SystemDisk()) throws(DurableFailure) {
    folder = try OpenFolder(followingLinks: path, disk: disk)
  }

  /// Returns once the copy is on the disk. One that is there already is left as it is.
  func keep(_ note: [UInt8], of head: LogHead) throws(DurableFailure) {
    let name = Self.name(of: head)
    do throws(DurableFailure) {
      let file = try PendingFile(anywhere: name, in: folder)
      try note.span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in try file.write(raw) }
      try file.publish(replacing: false)
    } catch {
      guard error.isExisting, try folder.file(at: name).bytes(limit: HeadCopies.longest) == note else { throw error }
    }
  }

  /// Files end like this that say which output root a log belongs to.
  static let rootSuffix = ".root"

  /// Notes which output root a log belongs to, by a digest that tells nothing else of it: a log that was taken away and
  /// begun anew in the same place is known by that.
  func note(root: Digest, of logID: String) throws(DurableFailure) {
    let name = logID + Self.rootSuffix
    guard try folder.status(of: name) == nil else { return }
    do throws(DurableFailure) {
      let file = try PendingFile(anywhere: name, in: folder)
      try Array("\(root.hex)\n".utf8).span.bytes.withUnsafeBytes { (raw) throws(DurableFailure) in try file.write(raw) }
      try file.publish(replacing: false)
    } catch {
      guard error.isExisting else { throw error }
    }
  }

  private static func name(of head: LogHead) -> String {
    let size = String(head.size)
    return "\(head.logID)-\(String(repeating: "0", count: max(0, 12 - size.utf8.count)))\(size)\(HeadCopies.suffix)"
  }
}
