import DurableIO
import Volumes

/// What was measured, by what it is and not by how it is called: nothing here is ever written to, whatever links, mounts
/// and second names lead to it.
package struct MeasuredFiles: Sendable {
  /// Every file that looks like a scan in a folder that was searched, and every scan beside it.
  private var files: Set<FileStatus.Identity> = []
  private var folders: Set<FolderIdentity> = []
  /// Folders by the second in which they last changed.
  private var bySecond: [Int: [SearchedFolder]] = [:]

  /// Of a plan that will not be written.
  init() {}

  /// - Parameter beside: paths of other scans that the job reads.
  init(_ found: FoundScans, beside: [String]) {
    files = found.files.union(beside.compactMap { FileStatus.Identity(ofFileAt: $0) })
    folders = Set(found.folders.map(\.facts.identity))
    bySecond = Dictionary(grouping: found.folders, by: \.facts.changed)
  }

  func holds(_ file: FileStatus.Identity) -> Bool { files.contains(file) }

  func holds(_ folder: FolderIdentity) -> Bool { folders.contains(folder) }

  /// Searched folders that may be this one although their identity says otherwise: another mount of a network or user-space
  /// file system shows other numbers, but the same time.
  func lookalikes(of folder: FolderFacts) -> [String] {
    (bySecond[folder.changed] ?? []).filter { $0.facts.identity.device != folder.identity.device }
      .prefix(Self.mostLookalikes).map(\.path)
  }

  /// Whole archives may have been written in one second.
  private static let mostLookalikes = 16
}

/// Looks at the places that outputs will take, before anything is done.
struct OutputPlaces {
  private let root: String
  private let measured: MeasuredFiles
  /// Whether a folder of outputs is one of the archive's, by path; those that do not exist yet are none.
  private var isMeasured: [String: Bool] = [:]

  init(beneath root: String, apartFrom measured: MeasuredFiles) {
    (self.root, self.measured) = (root, measured)
  }

  /// Why an output may not be written, or `nil`.
  mutating func objection(to output: String) -> ScanFailure? {
    if lies(inMeasured: output) { return .outputAmongInputs }
    return measured.holdsFile(at: "\(root)/\(output)") ? .outputIsInput : nil
  }

  private mutating func lies(inMeasured output: String) -> Bool {
    guard let slash = output.lastIndex(of: "/") else { return false }
    let folder = String(output[..<slash])
    if let known = isMeasured[folder] { return known }
    let found = FolderIdentity(path: "\(root)/\(folder)").map(measured.holds) ?? false
    let answer = found || lies(inMeasured: folder)
    isMeasured[folder] = answer
    return answer
  }
}

extension MeasuredFiles {
  /// Whether a name stands for a measured file itself. A link does not: it is replaced, and what it leads to stays.
  func holdsFile(at path: String) -> Bool {
    FileStatus.Identity(ofFileAt: path, followingLinks: false).map(holds) ?? false
  }
}

extension ScanFailure {
  static let outputIsInput = ScanFailure(
    .outputIsInput, .plan, "output", expected: "a place of its own", found: "a file that is one of the inputs",
    advice: "remove the link or second name that leads from one to the other, or change output.name or output.root")

  fileprivate static let outputAmongInputs = ScanFailure(
    .outputIsInput, .plan, "output folder", expected: "a folder apart from input.root",
    found: "one that is searched for scans, under another path", advice: "give the job another output.root")
}
