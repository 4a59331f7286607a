import DurableIO
import Glibc

/// Finds out whether a folder of outputs is a folder of the archive under another path, where file systems hide it: a new
/// empty file made in one appears in the other.
///
/// Asked before anything else is written. Folders on one device are told apart by their identity already.
struct SamePlaceProbe {
  let plan: JobPlan

  /// - Throws: `badJob` when they are one place.
  func require() throws(JobRefusal) {
    guard let root = try? FolderFacts(of: plan.outputRoot), let input = try? FolderFacts(of: plan.inputRoot.path) else {
      return
    }
    if root.identity.device != input.identity.device { try requireApart("", "") }
    for (output, facts) in folders(root) {
      for folder in plan.measured.lookalikes(of: facts) { try requireApart(output, folder) }
    }
  }

  /// The folders of outputs that are there already.
  private func folders(_ root: FolderFacts) -> [(path: String, facts: FolderFacts)] {
    var names: Set<String> = []
    for output in plan.scans.flatMap(\.outputs) {
      var path = output.name[...]
      while let slash = path.lastIndex(of: "/"), names.insert(String(path[..<slash])).inserted { path = path[..<slash] }
    }
    let inner = names.sorted().compactMap { name in
      (try? FolderFacts(of: "\(plan.outputRoot)/\(name)")).map { (path: name, facts: $0) }
    }
    return [("", root)] + inner
  }

  private func requireApart(_ output: String, _ input: String) throws(JobRefusal) {
    let folder = output.isEmpty ? plan.outputRoot : "\(plan.outputRoot)/\(output)"
    guard
      ProbeFile.appears(in: input.isEmpty ? plan.inputRoot.path : "\(plan.inputRoot.path)/\(input)", whenMadeIn: folder)
    else { return }
    let what = output.isEmpty ? "it" : "its folder \(plan.naming.shown(output))"
    let where_ = input.isEmpty ? "input.root" : "the folder \(plan.naming.shown(input)) of input.root"
    throw .badJob(["output.root: expected a folder of its own, found that \(what) is \(where_) under another path"])
  }
}

/// An empty file under a name that nobody else has, for as long as it takes to look for it.
enum ProbeFile {
  /// Whether a file that is made in one folder is seen in the other. `false` where none can be made: whoever writes there
  /// next will be told why.
  static func appears(in other: String, whenMadeIn folder: String) -> Bool {
    let name = ".medfilter-probe-\(String(UInt64.random(in: .min ... .max), radix: 16))"
    let descriptor = open("\(folder)/\(name)", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { return false }
    defer {
      close(descriptor)
      unlink("\(folder)/\(name)")
    }
    var facts = stat()
    return lstat("\(other)/\(name)", &facts) == 0
  }
}
