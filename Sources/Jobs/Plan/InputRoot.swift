import ByteStreams
import Glibc

/// The open folder that all scans are read beneath.
package final class InputRoot: Sendable {
  let path: String
  /// With every link resolved.
  let resolved: String
  let links: LinkPolicy
  let descriptor: Int32

  /// - Throws: `noInput` when there is no such folder: nothing can match in it.
  init(path: String, links: LinkPolicy, subject: String) throws(JobRefusal) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0, let resolved = resolvedPath(path) else {
      throw .noInput("\(subject): expected a folder that can be read, found none")
    }
    self.path = path
    self.resolved = resolved
    self.links = links
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}

/// A path with the links of the part that exists resolved; the rest, yet to be created, is appended as it is.
func resolvedPrefix(_ path: String) -> String {
  var existing = path
  var rest: [Substring] = []
  while resolvedPath(existing) == nil, let slash = existing.lastIndex(of: "/"), slash != existing.startIndex {
    rest.insert(existing[existing.index(after: slash)...], at: 0)
    existing = String(existing[..<slash])
  }
  var parts = (resolvedPath(existing) ?? existing).split(separator: "/").map(String.init)
  for part in rest where !part.isEmpty && part != "." {
    if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
  }
  return "/" + parts.joined(separator: "/")
}
