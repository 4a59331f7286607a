import ByteStreams
import DurableIO
import Parallel
import VolumeIO
import Volumes

/// A scan that the job asks for, or a name that looks like one and cannot be used, or a folder whose scans nobody can know.
package struct FoundScan: Sendable {
  /// The path relative to the input root, as found; a pair is known by its header.
  package let name: String
  /// The path relative to the input root to open: the same, but where the name is a keyed hash of it.
  package let file: String
  package let problem: ScanFailure?

  init(name: String, file: String? = nil, problem: ScanFailure? = nil) {
    self.name = name
    self.file = file ?? name
    self.problem = problem
  }
}

/// What lies beneath an input root.
package struct FoundScans: Sendable {
  /// In the order of their paths.
  package var scans: [FoundScan] = []
  /// What was not searched, or not as somebody may have expected; paths in it are as found.
  package var remarks: [SearchRemark] = []
  /// Every folder that was searched, the root included.
  var folders: [SearchedFolder] = []
  /// Every file that looks like a scan, by what it is: whatever links and mounts lead to it.
  var files: Set<FileStatus.Identity> = []
  var selection: ScanSelection
  /// The paths of all files that look like scans, whether the job asks for them or not.
  var seen: [String] = []
}

/// Something about the search that its owner should know.
package struct SearchRemark: Sendable, Equatable {
  package let code: String
  /// A path that the sentence is about; shown as the job allows.
  package let path: String?
  package let sentence: String
}

/// A folder that was searched, and what tells it from others.
struct SearchedFolder: Sendable {
  /// Relative to the input root; empty for the root itself.
  let path: String
  let facts: FolderFacts
}

/// Walks the input root once and picks the scans that the job asks for, in the order of their paths.
///
/// Names that begin with a dot are looked at only when an include pattern has a segment that begins with a dot, as in a
/// shell: the object stores of version-control systems are full of scans that are not meant.
package struct ScanFinder {
  private let root: String
  private let resolvedRoot: String
  private let links: LinkPolicy
  /// A folder that is never searched: the job's own output root.
  private let excludedFolder: FolderIdentity?
  private let cancellation: Cancellation
  private var found: FoundScans
  /// Files of other formats that a person may have taken for scans, by ending.
  private var foreign: [String: (count: Int, advice: String)] = [:]

  /// - Parameter excluding: the job's own output root.
  /// - Throws: `interrupted`.
  package static func scans(
    beneath root: String, links: LinkPolicy, selection: ScanSelection, excluding: FolderIdentity?,
    cancellation: Cancellation = Cancellation()
  ) throws(JobRefusal) -> FoundScans {
    var finder = ScanFinder(root, links, selection, excluding, cancellation)
    do throws(Cancelled) {
      try finder.search(folder: "", ancestors: [])
    } catch {
      throw .interrupted
    }
    finder.noteForeignFiles()
    return finder.found
  }

  private init(
    _ root: String, _ links: LinkPolicy, _ selection: ScanSelection, _ excludedFolder: FolderIdentity?,
    _ cancellation: Cancellation
  ) {
    (self.root, self.links, self.excludedFolder, self.cancellation) = (root, links, excludedFolder, cancellation)
    resolvedRoot = resolvedPath(root) ?? root
    found = FoundScans(selection: selection)
  }

  private mutating func search(folder: String, ancestors: [FolderIdentity]) throws(Cancelled) {
    try cancellation.check()
    let (facts, entries): (FolderFacts, [FolderEntry])
    do throws(UnreadableFolder) {
      facts = try FolderFacts(of: place(folder))
      // A folder that is its own ancestor is a loop of links: everything in it has been seen.
      guard facts.identity != excludedFolder || folder.isEmpty, !ancestors.contains(facts.identity) else { return }
      entries = try folderEntries(place(folder))
    } catch {
      return miss(folder, error)
    }
    if !folder.isEmpty, isOutputTree(entries), !found.selection.names(folder: folder) { return passOverTree(folder) }
    found.folders.append(SearchedFolder(path: folder, facts: facts))
    let pairs = PairHeaders(entries)
    for entry in entries where found.selection.looksAt(entry.shownName) {
      try cancellation.check()
      let path = folder.isEmpty ? entry.shownName : "\(folder)/\(entry.shownName)"
      switch entry.kind {
      case .folder: try descend(into: path, entry, ancestors: ancestors + [facts.identity])
      case .link where FolderIdentity(path: place(path)) != nil:
        try followFolder(path, entry, ancestors: ancestors + [facts.identity])
      case .file, .link, .other: consider(entry, at: path, pairs)
      }
    }
  }

  private func place(_ path: String) -> String { path.isEmpty ? root : "\(root)/\(path)" }

  private mutating func descend(
    into path: String, _ entry: FolderEntry, ancestors: [FolderIdentity]
  ) throws(Cancelled) {
    guard entry.name != nil else { return fail(folder: path, ScanFailure.notUTF8(isFolder: true)) }
    try search(folder: path, ancestors: ancestors)
  }

  /// Status 0 says that every scan is done, so a folder that may hold some and cannot be read must fail like one.
  private mutating func miss(_ folder: String, _ reason: UnreadableFolder) {
    guard folder.isEmpty else { return fail(folder: folder, reason.failure) }
    found.remarks.append(SearchRemark(code: "not-searched", path: ".", sentence: "cannot be read"))
  }

  private mutating func fail(folder: String, _ failure: ScanFailure) {
    guard found.selection.mayHoldScans(folder), !found.selection.excludes(folder: folder) else { return }
    found.scans.append(FoundScan(name: folder, problem: failure))
  }

  /// A link to a folder is searched when the policy lets its target be read.
  private mutating func followFolder(
    _ path: String, _ entry: FolderEntry, ancestors: [FolderIdentity]
  ) throws(Cancelled) {
    switch links {
    case .refuse: fail(folder: path, .folderLink(expected: "no symbolic link, as input.symlinks says", found: "one"))
    case .withinRoot where !leadsBeneathRoot(path):
      fail(folder: path, .folderLink(expected: "a folder within input.root", found: "a link that leaves it"))
    case .withinRoot, .follow: try descend(into: path, entry, ancestors: ancestors)
    }
  }

  private func leadsBeneathRoot(_ path: String) -> Bool {
    resolvedPath(place(path)).map { $0.hasPrefix(resolvedRoot + "/") || $0 == resolvedRoot } ?? false
  }
}

// MARK: - Files

extension ScanFinder {
  private mutating func consider(_ entry: FolderEntry, at path: String, _ pairs: PairHeaders) {
    guard let parsed = ScanName(path: path) else { return considerForeign(entry, at: path) }
    if let identity = FileStatus.Identity(ofFileAt: place(path)) { found.files.insert(identity) }
    found.seen.append(path)
    guard found.selection.wants(path) || entry.name == nil && found.selection.wants(entry.repaired(path)) else {
      return
    }
    guard entry.name != nil else {
      return found.scans.append(FoundScan(name: path, problem: .notUTF8(isFolder: false)))
    }
    switch parsed.part {
    case .singleFile, .header: found.scans.append(located(path, isLink: entry.kind == .link))
    case .image: considerImage(entry.shownName, at: path, pairs)
    }
  }

  /// An image belongs to its header, which is found by itself; one without a header is named, not passed over.
  private mutating func considerImage(_ name: String, at path: String, _ pairs: PairHeaders) {
    guard let header = pairs.header(of: name) else {
      found.scans.append(FoundScan(name: path, problem: .headerMissing))
      return
    }
    let headerPath = String(path.dropLast(name.count)) + header.name
    // A header that the job also asks for is found by itself.
    if !found.selection.wants(headerPath), found.scans.last?.name != headerPath {
      found.scans.append(located(headerPath, isLink: header.isLink))
    }
  }

  private func located(_ path: String, isLink: Bool) -> FoundScan {
    guard isLink, links != .refuse else { return FoundScan(name: path) }
    // What git-annex and DataLad leave of a file that was not fetched.
    if resolvedPath(place(path)) == nil, isAnnexLink(place(path)) {
      return FoundScan(name: path, problem: .notFetched)
    }
    guard links == .withinRoot, !leadsBeneathRoot(path) else { return FoundScan(name: path) }
    return FoundScan(name: path, problem: .linkOutside)
  }

  private func isAnnexLink(_ path: String) -> Bool {
    (try? SystemDisk().linkTarget(of: path, in: .workingFolder))?.contains("annex/objects/") ?? false
  }

  /// Volumes of other formats are failures where a pattern asks for them by their ending, and are counted otherwise.
  private mutating func considerForeign(_ entry: FolderEntry, at path: String) {
    guard entry.kind != .folder, let name = ForeignName(path), found.selection.wants(path) else { return }
    if name.isNIfTI || found.selection.spellsOut(name.ending, of: path) {
      found.scans.append(FoundScan(name: path, problem: name.failure))
    } else {
      foreign[name.ending, default: (0, name.advice)].count += 1
    }
  }

  private mutating func noteForeignFiles() {
    // Archives keep what their scans were converted from.
    for (ending, (count, advice)) in foreign.sorted(by: { $0.key < $1.key }) where ![".dcm", ".ima"].contains(ending) {
      let files = count == 1 ? "1 file whose name ends" : "\(count) files whose names end"
      found.remarks.append(
        SearchRemark(
          code: "format-not-read", path: nil,
          sentence: "\(files) in \(ending) \(count == 1 ? "is" : "are") of a format that is not read here; "
            + "\(advice), or leave such files out by input.exclude"))
    }
  }
}

// MARK: - Output trees

extension ScanFinder {
  private func isOutputTree(_ entries: [FolderEntry]) -> Bool {
    entries.contains { entry in
      entry.name == "provenance.jsonl" && entry.kind == .file
        || entry.name == OutputFolder.stateFolder && entry.kind == .folder
    }
  }

  /// Two jobs of one archive would otherwise filter each other's outputs, more of them each night.
  private mutating func passOverTree(_ folder: String) {
    guard found.selection.mayHoldScans(folder), !found.selection.excludes(folder: folder) else { return }
    found.remarks.append(
      SearchRemark(
        code: "output-tree", path: folder,
        sentence: "it is an output tree of medfilter; to filter what is in it, name it in a pattern of input.include"))
  }
}

/// The headers of pairs in one folder, by what they have in common with their images.
private struct PairHeaders {
  private var headers: [String: (name: String, isLink: Bool)] = [:]

  init(_ entries: [FolderEntry]) {
    for entry in entries {
      guard let name = entry.name, let parsed = ScanName(path: name), parsed.part == .header else { continue }
      // The first in the order of names, where one header lies there twice, compressed in two ways.
      if headers[parsed.stem] == nil { headers[parsed.stem] = (name, entry.kind == .link) }
    }
  }

  func header(of image: String) -> (name: String, isLink: Bool)? {
    ScanName(path: image).flatMap { headers[$0.stem] }
  }
}

extension ScanFailure {
  fileprivate static func folderLink(expected: String, found: String) -> ScanFailure {
    ScanFailure(
      .symbolicLink, .plan, "folder", expected: expected, found: found,
      advice: "set input.symlinks to \"follow\" if the scans in it may be read, or name the folder in input.exclude")
  }

  fileprivate static let linkOutside = ScanFailure(
    .symbolicLink, .plan, "symbolic link", expected: "a target within input.root", found: "one outside, or none",
    advice: "set input.symlinks to \"follow\" if the target may be read")

  fileprivate static let notFetched = ScanFailure(
    .cannotOpen, .plan, "symbolic link", expected: "the scan",
    found: "a git-annex link to a file that has not been fetched",
    advice: "fetch it with git annex get, or datalad get")

  fileprivate static let headerMissing = ScanFailure(
    .pairMissing, .plan, "header", expected: "a .hdr file beside the .img", found: "none",
    advice: "put the pair's header beside it, or exclude the file")

  static func notUTF8(isFolder: Bool) -> ScanFailure {
    ScanFailure(
      .cannotOpen, .plan, isFolder ? "folder name" : "file name", expected: "UTF-8", found: "other bytes",
      advice: "rename the \(isFolder ? "folder" : "file"), for instance with convmv")
  }
}
