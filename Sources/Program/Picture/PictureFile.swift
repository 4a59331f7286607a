import DurableIO
import Glibc

/// Where a picture goes: a new file, or in the place of a regular file of that name.
struct PictureFile {
  private let path: String

  init(_ path: String) { self.path = path }

  /// Writes the whole picture or nothing. A link is refused, and never followed, because its target was not named.
  func write(_ text: String) throws(DurableFailure) {
    if let status = try folder.status(of: name), status.kind != .file {
      throw DurableFailure(.publish, status.kind == .link ? ELOOP : status.kind == .folder ? EISDIR : ENXIO, name)
    }
    let file = try PendingFile(anywhere: path)
    let bytes = Array(text.utf8)
    // The pointer lives as long as the call: the file keeps nothing of it.
    let written = bytes.withUnsafeBytes { bytes in Result { () throws(DurableFailure) in try file.write(bytes) } }
    try written.get()
    try file.publish(replacing: true)
  }

  private var slash: String.Index? { path.lastIndex(of: "/") }

  private var name: String { slash.map { String(path[path.index(after: $0)...]) } ?? path }

  private var folder: OpenFolder {
    get throws(DurableFailure) {
      try OpenFolder(followingLinks: slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
    }
  }
}
