import Jobs
import Volumes

/// What filters do not do as asked, in a sentence for each distinct grid, before the run begins.
///
/// Scan after scan would say the same; grids that differ in nothing that the numbers depend on share a sentence.
struct GridSentences {
  let plan: JobPlan

  /// A job with many voxel sizes has few that matter; `medfilter plan` shows all.
  private static let most = 10

  var all: [String] {
    let groups = groups
    let sentences = groups.prefix(Self.most).map(sentence)
    let left = groups.dropFirst(Self.most).reduce(0) { $0 + $1.grids.count }
    guard left > 0 else { return sentences }
    return sentences + ["the same of \(Wording.count(left, "more grid")); medfilter plan shows them all"]
  }

  /// Grids with the same findings, in the order of the plan.
  private struct Group {
    var findings: String
    var grids: [PlannedGrid]
    var scans: Int
  }

  private var groups: [Group] {
    let scans = scansByGrid
    var places: [String: Int] = [:]
    var groups: [Group] = []
    for (index, grid) in plan.grids.enumerated() where scans[index] > 0 {
      let findings = findings(of: grid)
      guard !findings.isEmpty else { continue }
      if let place = places[findings] {
        groups[place].grids.append(grid)
        groups[place].scans += scans[index]
      } else {
        places[findings] = groups.count
        groups.append(Group(findings: findings, grids: [grid], scans: scans[index]))
      }
    }
    return groups
  }

  private var scansByGrid: [Int] {
    var scans = [Int](repeating: 0, count: plan.grids.count)
    for scan in plan.scans {
      if let content = try? scan.content.get() { scans[content.grid] += 1 }
    }
    return scans
  }

  private func findings(of grid: PlannedGrid) -> String {
    grid.filters.enumerated().flatMap { index, filter in
      filter.findings.map { "filters[\(index)] (\(filter.name)): \($0.code): \($0.detail)" }
    }.joined(separator: "; ")
  }

  private func sentence(_ group: Group) -> String {
    "\(Wording.count(group.scans, "scan")) of \(place(group.grids)): \(group.findings)"
  }

  /// `64×64×30 voxels of 2 × 2 × 2.5 mm`, or how many grids there are.
  private func place(_ grids: [PlannedGrid]) -> String {
    let spacings = Set(grids.map(\.key.spacing))
    let shapes = Set(grids.map(\.key.shape))
    let voxels = shapes.count == 1 ? "\(grids[0].key.shape) voxels" : "voxels"
    guard spacings.count == 1 else { return "\(voxels) on \(Wording.count(grids.count, "grid"))" }
    let lengths = grids[0].key.spacing.array.map(Wording.shortest)
    let size = "\(voxels) of \(Set(lengths).count == 1 ? lengths[0] : lengths.joined(separator: " × ")) mm"
    return shapes.count == 1 ? size : "\(size) on \(Wording.count(shapes.count, "grid"))"
  }
}
