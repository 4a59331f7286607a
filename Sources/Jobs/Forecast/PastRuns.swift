import DurableIO
import Glibc
import Provenance

/// What there is of an output tree, opened for reading alone.
struct PastRuns {
  /// Nil where there is none yet, or none that could be looked at.
  private(set) var root: OpenFolder?
  private(set) var history = LogHistory.none
  /// Why a run would not start, when it would not.
  private(set) var obstacle: JobRefusal?

  init(at path: String) {
    do throws(DurableFailure) {
      // A run takes no link for its root; folders above may be links.
      guard !isLink(path) else { throw DurableFailure(.openFolder, ELOOP, ".") }
      root = try OpenFolder(followingLinks: path)
    } catch {
      if !error.isMissing { obstacle = .outputUnusable("output.root cannot be used: \(error)") }
      return
    }
    guard let root else { return }
    do {
      history = try ProvenanceLog.history(beneath: root)
    } catch {
      obstacle = .logFailed("the log of the output root cannot be used: \(error)")
    }
  }

  /// Outputs that a job of this name has made.
  func outputs(ofJob name: String) -> Int { history.outputs.values.count { $0.owner?.job == name } }
}

private func isLink(_ path: String) -> Bool {
  var facts = stat()
  let name = String(path.reversed().drop { $0 == "/" }.reversed())
  return lstat(name, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK
}
