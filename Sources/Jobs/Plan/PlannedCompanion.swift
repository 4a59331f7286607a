import Filtering
import Filters
import VolumeIO
import Volumes

/// A second scan that one scan of the job is filtered with, found and looked at.
struct PlannedCompanion: Sendable {
  let companion: Companion
  /// To open.
  let path: String
  /// As logs may call it: its path below input.root, or its name alone when it lies elsewhere.
  let name: String
  let facts: ScanFacts

  /// Whether its values would lose digits in Float.
  var needsDouble: Bool { companion.role == .operand && facts.voxelType.needsDouble }
}

/// Where the second scans that filters name lie.
struct CompanionPaths {
  private let beside: [ScanBeside]
  private let root: String
  /// Where relative paths start; nil lets no file be opened.
  private let folder: String?

  init(_ beside: [ScanBeside], root: String, folder: String?) {
    (self.beside, self.root, self.folder) = (beside, root, folder)
  }

  /// The paths of all second scans, as far as the names of the job's scans give them.
  func all(for scans: [String]) -> [String] {
    let fixed = beside.filter { !$0.isPattern }.map { resolved($0.file, in: folder ?? ".") }
    let patterns = beside.filter(\.isPattern)
    guard !patterns.isEmpty else { return fixed }
    return fixed + scans.flatMap { scan in patterns.compactMap { try? path($0, for: scan) } }
  }

  /// The second scans of one scan that are not the whole job's masks.
  ///
  /// - Throws: what is wrong with one, said of it.
  func companions(of scan: String) throws(ScanFailure) -> [PlannedCompanion] {
    var known: [Companion: PlannedCompanion] = [:]
    for beside in beside where !beside.isPlanned && known[beside.companion] == nil {
      known[beside.companion] = try planned(beside, for: scan)
    }
    return beside.compactMap { known.removeValue(forKey: $0.companion) }
  }

  private func planned(_ beside: ScanBeside, for scan: String) throws(ScanFailure) -> PlannedCompanion {
    guard folder != nil else { throw .closedCompanion(beside.role) }
    let path = try path(beside, for: scan)
    do throws(ScanFailure) {
      let reader = try ScanReader(path, in: .anywhere)
      try reader.header.requireAffine()
      return PlannedCompanion(
        companion: beside.companion, path: path, name: shownPath(path), facts: ScanFacts(reader.header))
    } catch {
      throw error.said(of: beside.role)
    }
  }

  private func shownPath(_ path: String) -> String {
    if path.hasPrefix(root + "/") { return String(path.dropFirst(root.count + 1)) }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  private func path(_ beside: ScanBeside, for scan: String) throws(ScanFailure) -> String {
    do throws(NamePattern.Fault) {
      let stem = ScanName(path: scan)?.stem ?? scan
      return resolved(try NamePattern(beside.file).filled(for: stem, root: root), in: folder ?? ".")
    } catch {
      throw ScanFailure(
        .cannotOpen, .plan, beside.role.rawValue, expected: "what the placeholders of its path stand for",
        found: error.problem, advice: "rename the scan, exclude it, or change the path at \"\(beside.key)\"")
    }
  }
}

extension ScanFailure {
  /// A failure of a second scan: the message goes with the scan that is to be filtered.
  func said(of role: Companion.Role) -> ScanFailure {
    let what = role.rawValue
    return ScanFailure(
      failureClass, phase, subject == "input" ? what : "\(what) \(subject)", expected: expected, found: found,
      advice: advice)
  }

  static func closedCompanion(_ role: Companion.Role) -> ScanFailure {
    ScanFailure(
      .notPermitted, .plan, role.rawValue, expected: "a job that was given",
      found: "one out of a log, which opens no files")
  }
}

extension [Segment] {
  /// Makes sure that second scans lie on the grid of the frames that they meet.
  func check(_ companions: [PlannedCompanion]) throws(ScanFailure) {
    for segment in self {
      for (operation, layout) in zip(segment.operations, segment.layouts) {
        for wanted in operation.companions {
          guard let found = companions.first(where: { $0.companion == wanted }) else { continue }
          try found.check(fits: layout)
        }
      }
    }
  }
}

extension PlannedCompanion {
  /// - Throws: `E_GRID_MISMATCH`.
  fileprivate func check(fits layout: Layout) throws(ScanFailure) {
    let role = companion.role
    guard facts.shape == layout.shape else {
      throw .mismatch(of: role, "dims", expected: "\(layout.shape)", found: "\(facts.shape)")
    }
    let frames = role == .mask ? [1] : [1, layout.frames]
    guard frames.contains(facts.frames) else {
      let expected = Set(frames).sorted().map(String.init).joined(separator: " or ")
      throw .mismatch(of: role, "frames", expected: expected, found: "\(facts.frames)")
    }
    try layout.requirePlace(of: facts.affine, role)
  }
}

extension Layout {
  /// The largest distance between the affines of a second scan and of the frames that it meets, in mm.
  private static let tolerance = 1e-3

  /// - Throws: `E_GRID_MISMATCH` when a second scan lies elsewhere.
  func requirePlace(of other: Affine, _ role: Companion.Role) throws(ScanFailure) {
    let distance = affine.distance(to: other)
    guard distance <= Self.tolerance else {
      throw .mismatch(
        of: role, "affine", expected: "that of the scan within \(Self.tolerance) mm",
        found: "a difference of \(distance.significant(6)) mm")
    }
  }
}

extension ScanFailure {
  static func mismatch(
    of role: Companion.Role, _ subject: String, expected: String, found: String
  ) -> ScanFailure {
    ScanFailure(
      .gridMismatch, .plan, "\(role.rawValue) \(subject)", expected: expected, found: found,
      advice: "resample the \(role.rawValue) onto the scan's grid")
  }
}
