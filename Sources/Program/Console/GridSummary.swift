import Filters
import Jobs
import Volumes

/// Many grids in a few lines: how far they range, which ones stand out, and what the filters have against some.
struct GridSummary {
  private let grids: [PlannedGrid]
  private static let mostOutliers = 5

  init(_ grids: [PlannedGrid]) { self.grids = grids }

  var text: String {
    let outliers = outliers
    let more =
      outliers.count > Self.mostOutliers ? ["  and \(outliers.count - Self.mostOutliers) more that stand out"] : []
    return ([range] + outliers.prefix(Self.mostOutliers) + more + findings).joined(separator: "\n")
  }

  private var range: String {
    func span(_ values: [Double]) -> String {
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      return low == high ? Wording.shortest(low) : "\(Wording.shortest(low)) to \(Wording.shortest(high))"
    }
    let shapes = (0..<3).map { axis in span(grids.map { Double($0.key.shape.lengths.array[axis]) }) }
    let spacings = (0..<3).map { axis in span(grids.map { $0.key.spacing.array[axis] }) }
    let multiplies = span(grids.map { Double($0.cost.multipliesPerVoxel) })
    return "all \(Wording.count(grids.count, "grid")): \(shapes.joined(separator: " × ")) voxels of "
      + "\(spacings.joined(separator: " × ")) mm, \(multiplies) multiplies per voxel"
  }

  /// Grids with voxels of twice or half the median size along an axis, or four times the voxels.
  private var outliers: [String] {
    let sizes = (0..<3).map { axis in median(grids.map { $0.key.spacing.array[axis] }) }
    let count = median(grids.map { Double($0.key.shape.count) })
    return grids.compactMap { grid in
      let spacing = grid.key.spacing.array
      let isOddSize = zip(spacing, sizes).contains { $0 > 2 * $1 || 2 * $0 < $1 }
      guard isOddSize || Double(grid.key.shape.count) > 4 * count else { return nil }
      return "  stands out: \(grid.key.shape) voxels of \(spacing.map(Wording.shortest).joined(separator: " × ")) mm"
    }
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  private var findings: [String] {
    let all = grids.flatMap { grid in Set(grid.filters.flatMap(\.findings)).map { ($0.code, $0.detail) } }
    let byCode = Dictionary(grouping: all, by: \.0)
    return byCode.keys.sorted().map { code in
      let details = (byCode[code] ?? []).map(\.1).sorted()
      return "  warning: \(code) on \(Wording.count(details.count, "grid")), for instance: \(details[0])"
    }
  }
}
