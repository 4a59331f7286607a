import CLinux
import Glibc
import Volumes

/// Opens files for reading beneath a folder such that no name, link or race leads out of it.
struct BeneathRoot {
  let descriptor: Int32
  /// False takes the walk that kernels without openat2 (before 5.6, and some sandboxes) need.
  let asksKernel: Bool

  // O_NONBLOCK: opening a pipe that nobody writes would wait for ever. It means nothing for regular files.
  static let readFlags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC

  func open(_ path: String, links: LinkPolicy) throws(ScanFailure) -> FileDescriptor {
    let components = try BeneathRoot.components(of: path)
    let result: Result<FileDescriptor, SystemError> =
      switch links {
      case .follow: BeneathRoot.opened { clinux_open(descriptor, path, BeneathRoot.readFlags, 0) }
      case .withinRoot: openWithin(path, components)
      case .refuse: openBeneath(path, components, followLinks: false)
      }
    return try BeneathRoot.checked(result, links)
  }

  static func openAnywhere(_ path: String) throws(ScanFailure) -> FileDescriptor {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw ScanFailure(.cannotOpen, .open, "path", expected: "a name", found: "an empty one or a NUL in it")
    }
    return try checked(opened { clinux_open(AT_FDCWD, path, readFlags, 0) }, .follow)
  }

  /// A link with an absolute target counts as leading out, for the kernel. Where it leads back beneath the root, that place
  /// is opened, and no link on the way to it.
  private func openWithin(_ path: String, _ components: [String]) -> Result<FileDescriptor, SystemError> {
    let result = openBeneath(path, components, followLinks: true)
    guard case .failure(SystemError(code: EXDEV)) = result, let root = resolved(""),
      let target = resolved("/\(path)"), target.hasPrefix("\(root)/")
    else { return result }
    let place = String(target.utf8.dropFirst(root.utf8.count + 1)) ?? ""
    return openBeneath(place, place.split(separator: "/").map(String.init), followLinks: false)
  }

  private func resolved(_ path: String) -> String? {
    guard let found = realpath("/proc/self/fd/\(descriptor)\(path)", nil) else { return nil }
    defer { free(found) }
    return String(validatingCString: found)
  }

  private func openBeneath(
    _ path: String, _ components: [String], followLinks: Bool
  ) -> Result<FileDescriptor, SystemError> {
    guard asksKernel else { return walk(components, followLinks: followLinks) }
    for _ in 0..<16 {
      let result = BeneathRoot.opened {
        clinux_open_beneath(descriptor, path, BeneathRoot.readFlags, 0, followLinks ? 1 : 0)
      }
      switch result {
      // A rename raced with a link's `..`; the kernel asks to try again.
      case .failure(SystemError(code: EAGAIN)): continue
      // Sandboxes that do not know the call say EPERM; the walk is as safe, so a real EPERM loses nothing.
      case .failure(SystemError(code: ENOSYS)), .failure(SystemError(code: EPERM)):
        return walk(components, followLinks: followLinks)
      default: return result
      }
    }
    return .failure(SystemError(code: EAGAIN))
  }

  private func walk(_ components: [String], followLinks: Bool) -> Result<FileDescriptor, SystemError> {
    var walk = PathWalk(root: descriptor, followLinks: followLinks)
    return walk.open(components)
  }

  /// Only plain names: the job's paths come from a search or were checked, so anything else is an attack or a defect.
  private static func components(of path: String) throws(ScanFailure) -> [String] {
    let components = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard components.allSatisfy({ !["", ".", ".."].contains($0) && !$0.utf8.contains(0) }) else {
      throw ScanFailure(
        .cannotOpen, .open, "path", expected: "names separated by single slashes, beneath the input folder",
        found: "an absolute path, an empty name, a NUL, `.` or `..`")
    }
    return components
  }

  static func opened(_ call: () -> Int32) -> Result<FileDescriptor, SystemError> {
    while true {
      let number = call()
      if number >= 0 { return .success(FileDescriptor(owning: number)) }
      if errno != EINTR { return .failure(.last) }
    }
  }

  private static func checked(
    _ result: Result<FileDescriptor, SystemError>, _ links: LinkPolicy
  ) throws(ScanFailure) -> FileDescriptor {
    switch result {
    case .success(let file): return file
    case .failure(let error): throw failure(error, links)
    }
  }

  private static func failure(_ error: SystemError, _ links: LinkPolicy) -> ScanFailure {
    switch error.code {
    case EACCES, EPERM:
      ScanFailure(.notPermitted, .open, "input", expected: "leave to read it", found: "\(error)")
    case ELOOP where links == .refuse:
      ScanFailure(
        .symbolicLink, .open, "input", expected: "no symbolic link", found: "one",
        advice: "set input.symlinks to within-root or follow if the links are meant")
    case ELOOP:
      ScanFailure(.symbolicLink, .open, "input", expected: "links that lead to a file", found: "\(error)")
    case EXDEV:
      ScanFailure(
        .symbolicLink, .open, "input", expected: "a file beneath the input folder",
        found: "a link that leads out of it", advice: "set input.symlinks to follow if that is meant")
    // A socket cannot be opened at all.
    case ENXIO, ENODEV:
      ScanFailure(.notAFile, .open, "input", expected: "a regular file", found: "\(error)")
    default:
      ScanFailure(.cannotOpen, .open, "input", expected: "to open it", found: "\(error)")
    }
  }
}
