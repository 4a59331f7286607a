import CLinux
import Glibc

/// Opens a path name by name, which is what openat2 with RESOLVE_BENEATH does inside the kernel.
///
/// No name is ever resolved by the kernel across a link, so swapping a folder for a link meanwhile leads nowhere.
struct PathWalk {
  let root: Int32
  let followLinks: Bool
  /// The folders below the root that the walk is in, outermost first. `..` goes back to what was really walked through.
  private var folders: [FileDescriptor] = []
  private var linksLeft = 40  // as the kernel allows

  init(root: Int32, followLinks: Bool) {
    self.root = root
    self.followLinks = followLinks
  }

  private var here: Int32 { folders.last?.number ?? root }

  mutating func open(_ components: [String]) -> Result<FileDescriptor, SystemError> {
    var ahead = Array(components.reversed())
    while let name = ahead.popLast() {
      switch step(to: name, last: ahead.isEmpty) {
      case .failure(let error): return .failure(error)
      case .success(.file(let file)): return .success(file)
      case .success(.folder): continue
      case .success(.link(let names)): ahead += names.reversed()
      }
    }
    // The path ended in a folder (a link to `..`); opening it again gives the caller something to refuse.
    return BeneathRoot.opened { clinux_open(here, ".", BeneathRoot.readFlags, 0) }
  }

  private enum Step {
    case file(FileDescriptor)
    case folder
    case link([String])
  }

  private mutating func step(to name: String, last: Bool) -> Result<Step, SystemError> {
    if name == "" || name == "." { return .success(.folder) }
    if name == ".." {
      return folders.popLast() == nil ? .failure(SystemError(code: EXDEV)) : .success(.folder)
    }
    let flags = last ? BeneathRoot.readFlags : BeneathRoot.readFlags | O_DIRECTORY
    switch BeneathRoot.opened({ clinux_open(here, name, flags | O_NOFOLLOW, 0) }) {
    case .success(let found):
      if last { return .success(.file(found)) }
      folders.append(found)
      return .success(.folder)
    // O_NOFOLLOW on a link says ELOOP; together with O_DIRECTORY it says ENOTDIR.
    case .failure(let error) where error.code == ELOOP || error.code == ENOTDIR:
      return follow(name, otherwise: error)
    case .failure(let error): return .failure(error)
    }
  }

  /// The names a link stands for; `error` if `name` is none.
  private mutating func follow(_ name: String, otherwise error: SystemError) -> Result<Step, SystemError> {
    guard let target = target(of: name) else { return .failure(error) }
    guard followLinks, linksLeft > 0 else { return .failure(SystemError(code: ELOOP)) }
    linksLeft -= 1
    // Like the kernel's rule: an absolute target leads out even when it would come back in.
    guard !target.hasPrefix("/") else { return .failure(SystemError(code: EXDEV)) }
    return .success(.link(target.split(separator: "/").map(String.init)))
  }

  private func target(of name: String) -> String? {
    let longest = Int(PATH_MAX)
    let bytes = [UInt8](unsafeUninitializedCapacity: longest) { buffer, count in
      buffer.withMemoryRebound(to: CChar.self) { target in
        guard let address = target.baseAddress else { return }
        count = max(0, readlinkat(here, name, address, longest))
      }
    }
    return bytes.isEmpty || bytes.count == longest ? nil : String(validating: bytes, as: UTF8.self)
  }
}
