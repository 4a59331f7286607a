import ByteStreams
import VolumeIO
import Volumes

/// A scan that the job asks for, or a name that looks like one and cannot be used, or a folder whose scans nobody can know.
package struct FoundScan: Sendable {
  /// The path relative to the input root, as found; a pair is known by its header.
  package let name: String
  /// The path relative to the input root to open: the same, or where a link within the root leads.
  package let file: String
  package let problem: ScanFailure?

  init(name: String, file: String, problem: ScanFailure? = nil) {
    self.name = name
    self.file = file
    self.problem = problem
  }
}

/// A folder that the job's own policy keeps closed; told, never passed over.
package struct UnsearchedFolder: Sendable, Equatable {
  package let path: String
  package let reason: String
}

/// Walks the input root once and picks the scans that the job asks for, in the order of their paths.
///
/// Names that begin with a dot are looked at only when an include pattern has a segment that begins with a dot, as in a
/// shell: the object stores of version-control systems are full of scans that are not meant.
package struct ScanFinder {
  let root: String
  let links: LinkPolicy
  let selection: ScanSelection
  /// A folder that is never searched: the job's own output root.
  let excludedFolder: FolderIdentity?

  private var resolvedRoot = ""
  private var found: [FoundScan] = []
  private(set) var unsearched: [UnsearchedFolder] = []

  init(root: String, links: LinkPolicy, selection: ScanSelection, excludedFolder: FolderIdentity?) {
    self.root = root
    self.links = links
    self.selection = selection
    self.excludedFolder = excludedFolder
  }

  /// The scans, and the folders that could not be searched.
  package static func scans(
    beneath root: String, links: LinkPolicy, selection: ScanSelection, excluding: FolderIdentity?
  ) -> (scans: [FoundScan], unsearched: [UnsearchedFolder]) {
    var finder = ScanFinder(root: root, links: links, selection: selection, excludedFolder: excluding)
    finder.resolvedRoot = resolvedPath(root) ?? root
    let top = FolderIdentity(path: root).map { [$0] } ?? []
    finder.search(folder: "", ancestors: top)
    return (finder.found, finder.unsearched)
  }

  private mutating func search(folder: String, ancestors: [FolderIdentity]) {
    let entries: [FolderEntry]
    do throws(UnreadableFolder) {
      entries = try folderEntries(folder.isEmpty ? root : "\(root)/\(folder)")
    } catch {
      return miss(folder, error)
    }
    let names = Set(entries.compactMap(\.name))
    for entry in entries where selection.looksAt(entry.shownName) {
      let path = folder.isEmpty ? entry.shownName : "\(folder)/\(entry.shownName)"
      switch entry.kind {
      case .folder: descend(into: path, ancestors: ancestors)
      case .link where FolderIdentity(path: "\(root)/\(path)") != nil: followFolder(path, ancestors: ancestors)
      case .file, .link, .other: consider(entry, at: path, siblings: names)
      }
    }
  }

  private mutating func descend(into path: String, ancestors: [FolderIdentity]) {
    let identity: FolderIdentity
    do throws(UnreadableFolder) {
      identity = try FolderIdentity(of: "\(root)/\(path)")
    } catch {
      return miss(path, error)
    }
    // A folder that is its own ancestor is a loop of links: everything in it has been seen.
    guard identity != excludedFolder, !ancestors.contains(identity) else { return }
    search(folder: path, ancestors: ancestors + [identity])
  }

  /// Status 0 says that every scan is done, so a folder that may hold some and cannot be read must fail like one.
  private mutating func miss(_ folder: String, _ reason: UnreadableFolder) {
    if folder.isEmpty { return unsearched.append(UnsearchedFolder(path: ".", reason: "cannot be read")) }
    if selection.excludes(folder: folder) { return }
    found.append(FoundScan(name: folder, file: folder, problem: reason.failure))
  }

  /// A link to a folder is searched when the policy lets its target be read.
  private mutating func followFolder(_ path: String, ancestors: [FolderIdentity]) {
    switch links {
    case .refuse:
      unsearched.append(UnsearchedFolder(path: path, reason: "a link, and input.symlinks is \"refuse\""))
    case .withinRoot where targetWithinRoot(path) == nil:
      unsearched.append(UnsearchedFolder(path: path, reason: "a link that leaves input.root"))
    case .withinRoot, .follow: descend(into: path, ancestors: ancestors)
    }
  }

  private mutating func consider(_ entry: FolderEntry, at path: String, siblings: Set<String>) {
    guard let parsed = ScanName(path: path), selection.wants(path) else { return }
    guard entry.name != nil else { return found.append(.unnameable(path)) }
    switch parsed.part {
    case .singleFile, .header: found.append(located(path, isLink: entry.kind == .link))
    case .image: considerImage(parsed, at: path, siblings: siblings)
    }
  }

  /// An image belongs to its header, which is found by itself; one without a header is named, not passed over.
  private mutating func considerImage(_ name: ScanName, at path: String, siblings: Set<String>) {
    let folder = path.split(separator: "/").dropLast().map { "\($0)/" }.joined()
    let header = siblings.sorted().lazy.map { folder + $0 }.first { sibling in
      ScanName(path: sibling).map { $0.part == .header && $0.stem == name.stem } ?? false
    }
    if let header {
      // A header that the job also asks for is found by itself.
      if !selection.wants(header), !found.contains(where: { $0.name == header }) {
        found.append(located(header, isLink: false))
      }
      return
    }
    found.append(
      FoundScan(
        name: path, file: path,
        problem: ScanFailure(
          .pairMissing, .plan, "header", expected: "a .hdr file beside the .img", found: "none",
          advice: "put the pair's header beside it, or exclude the file")))
  }

  private func located(_ path: String, isLink: Bool) -> FoundScan {
    guard links == .withinRoot else { return FoundScan(name: path, file: path) }
    // Links are resolved here and opened by where they lead, so that an absolute link inside the root works too; the
    // open itself again refuses to leave the root.
    if let target = targetWithinRoot(path) { return FoundScan(name: path, file: target) }
    guard isLink else { return FoundScan(name: path, file: path) }
    return FoundScan(
      name: path, file: path,
      problem: ScanFailure(
        .symbolicLink, .plan, "symbolic link", expected: "a target within input.root", found: "one outside, or none",
        advice: "set input.symlinks to \"follow\" if the target may be read"))
  }

  private func targetWithinRoot(_ path: String) -> String? {
    guard let target = resolvedPath("\(root)/\(path)"), target.hasPrefix(resolvedRoot + "/") else { return nil }
    return String(target.dropFirst(resolvedRoot.count + 1))
  }
}

extension FoundScan {
  static func unnameable(_ path: String) -> FoundScan {
    FoundScan(
      name: path, file: path,
      problem: ScanFailure(
        .cannotOpen, .plan, "file name", expected: "UTF-8", found: "other bytes",
        advice: "rename the file"))
  }
}

/// Which names the job asks for.
package struct ScanSelection: Sendable {
  let include: [Glob]
  let exclude: [Glob]
  private let looksAtHidden: Bool

  /// - Parameter include: nothing means every scan.
  package init(include: [String], exclude: [String]) {
    self.include = include.map(Glob.init)
    self.exclude = exclude.map(Glob.init)
    looksAtHidden = include.contains { pattern in pattern.split(separator: "/").contains { $0.hasPrefix(".") } }
  }

  func looksAt(_ name: String) -> Bool { looksAtHidden || !name.hasPrefix(".") }

  /// Whether a pattern leaves out the folder itself (`lost+found`) or whatever is in it (`lost+found/**`).
  func excludes(folder: String) -> Bool {
    exclude.contains { $0.matches(folder) || $0.matches("\(folder)/whatever") }
  }

  func wants(_ path: String) -> Bool {
    (include.isEmpty || include.contains { $0.matches(path) }) && !exclude.contains { $0.matches(path) }
  }
}
