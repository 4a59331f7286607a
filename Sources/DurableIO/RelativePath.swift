import Glibc

/// The parts of a path that stays beneath its root: `sub-01/anat/x.nii`.
///
/// Strings are checked here so that a NUL cannot shorten a name and `..` is refused with a reason; that links do not lead
/// out is seen to by opening one part after the other without following them.
struct RelativePath {
  let folders: [String]
  let name: String

  /// - Throws: `EINVAL` for an absolute path, an empty part, `.`, `..` or a NUL byte.
  init(_ path: String, for operation: DurableFailure.Operation) throws(DurableFailure) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let plain = parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
    guard plain, let last = parts.last else { throw DurableFailure(operation, EINVAL, path) }
    folders = Array(parts.dropLast())
    name = last
  }

  var parts: [String] { folders + [name] }
}
