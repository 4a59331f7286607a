import Filtering
import Kernels
import StrictJSON
import Volumes

/// Takes the voxel of a certain rank among those around each voxel.
package protocol RankFilter: Filter {
  var neighbours: RankNeighbours { get }
  var rank: Rank { get }
}

package struct MedianFilter: RankFilter {
  package static let name = "median"
  package static let summary =
    "Takes the median of the voxels around each voxel; the upper one of the two in the middle of an even number."
  package let neighbours: RankNeighbours
  package var rank: Rank { .median }

  package init?(_ object: ObjectReader) {
    guard let neighbours = RankNeighbours(object) else { return nil }
    self.neighbours = neighbours
  }

  package static let form = RankNeighbours.form(nameKey)
}

package struct MinimumFilter: RankFilter {
  package static let name = "minimum"
  package static let summary = "Takes the smallest of the voxels around each voxel."
  package let neighbours: RankNeighbours
  package var rank: Rank { .minimum }

  package init?(_ object: ObjectReader) {
    guard let neighbours = RankNeighbours(object) else { return nil }
    self.neighbours = neighbours
  }

  package static let form = RankNeighbours.form(nameKey)
}

package struct MaximumFilter: RankFilter {
  package static let name = "maximum"
  package static let summary = "Takes the largest of the voxels around each voxel."
  package let neighbours: RankNeighbours
  package var rank: Rank { .maximum }

  package init?(_ object: ObjectReader) {
    guard let neighbours = RankNeighbours(object) else { return nil }
    self.neighbours = neighbours
  }

  package static let form = RankNeighbours.form(nameKey)
}

package struct PercentileFilter: RankFilter {
  package static let name = "percentile"
  package static let summary =
    "Takes a percentile of the voxels around each voxel: of n voxels in order the one at floor(n · percent / 100), "
    + "counted from 0, and the last one for 100."
  package let neighbours: RankNeighbours
  private let percent: Double
  package var rank: Rank { .percentile(percent) }

  package init?(_ object: ObjectReader) {
    let percent = object.read(Self.percentKey)
    guard let neighbours = RankNeighbours(object), let percent else { return nil }
    self.neighbours = neighbours
    self.percent = percent
  }

  package static let form = RankNeighbours.form(nameKey, percentKey.declaration)

  private static let percentKey = Key<Double>(
    "percent", .number(.from(0, to: 100)), .required, "Which percentile: 0 is the smallest voxel, 100 the largest.")
}

extension RankFilter {
  package var scansBeside: [ScanBeside] { neighbours.scansBeside }

  package var needsSpacing: Bool { neighbours.needsSpacing }

  package func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan {
    let neighbourhood = try neighbours.neighbourhood(Self.name, on: grid)
    return FilterPlan(
      RankOperation(
        filter: Self.name, neighbourhood: neighbourhood, rank: rank, boundary: neighbours.boundary,
        mask: try neighbours.mask.map { (mask) throws(ScanFailure) in try grid.mask(mask) },
        outside: neighbours.outside))
  }
}

/// Which voxels a filter looks at around each voxel, what lies beyond the volume, and which voxels count.
package struct RankNeighbours: Sendable {
  private enum Extent {
    case box(PerAxis<Int>)
    case ball(Double)
  }

  private let extent: Extent
  private let axes: Set<Axis>?
  let boundary: Boundary
  let mask: ScanBeside?
  let outside: MaskedConvolution.Outside

  /// `nil` when something was wrong and has been reported.
  init?(_ object: ObjectReader) {
    let size = object.read(Self.sizeKey)
    let radius = object.read(Self.radiusKey)
    let name = object.read(LinearOptions.boundaryKey)
    let value = object.read(LinearOptions.valueKey)
    let axes = object.read(LinearOptions.axesKey)
    let mask = object.read(Self.maskKey)
    let outside = object.read(LinearOptions.maskOutsideKey)
    guard object.isSound, let name, let value, let outside else { return nil }
    if let size { extent = .box(size.perAxis) } else if let radius { extent = .ball(radius) } else { return nil }
    self.axes = axes.map { Set($0) }
    boundary = name.boundary(value: value)
    self.mask = mask.map { ScanBeside(key: "mask", file: $0, role: .mask) }
    self.outside = outside
    guard case .box(let box) = extent, RankNeighbourhood(box: box.i, box.j, box.k) == nil else { return }
    object.report(
      "expected a box of at most \(RankNeighbourhood.mostVoxels) voxels, found \(box.array)", at: "size_vox")
    return nil
  }

  var scansBeside: [ScanBeside] { mask.map { [$0] } ?? [] }

  var needsSpacing: Bool { if case .ball = extent { true } else { false } }

  func neighbourhood(_ filter: String, on grid: FilterGrid) throws(ScanFailure) -> RankNeighbourhood {
    let axes = grid.axes.intersection(axes ?? grid.axes)
    guard !axes.isEmpty else { throw .noAxis(of: filter, grid) }
    let found: RankNeighbourhood?
    switch extent {
    case .box(let box):
      let size = PerAxis(Axis.i, .j, .k).map { axes.contains($0) ? box[$0] : 1 }
      found = RankNeighbourhood(box: size.i, size.j, size.k)
    case .ball(let radius):
      // Along the other axes a ball has no neighbours, as if those were far away.
      let far = 2 * radius + 1
      found = RankNeighbourhood(
        ballOf: radius, spacing: PerAxis(Axis.i, .j, .k).map { axes.contains($0) ? grid.spacing[$0] : far })
    }
    guard let found else {
      throw ScanFailure(
        .kernelUnfit, .plan, "\(filter) radius_mm",
        expected: "at most \(RankNeighbourhood.mostVoxels) voxels around one",
        found: "more, on voxels of \(grid.spacing.array.map(\.words).joined(separator: " × ")) mm",
        advice: "this radius does not suit the scan's voxel size")
    }
    return found
  }

  static func form(_ name: KeyDeclaration, _ more: KeyDeclaration...) -> Form {
    Form(
      keys: [name, sizeKey.declaration, radiusKey.declaration] + more + [
        LinearOptions.boundaryKey.declaration, LinearOptions.valueKey.declaration, LinearOptions.axesKey.declaration,
        maskKey.declaration, LinearOptions.maskOutsideKey.declaration,
      ],
      rules: [
        .exactlyOne(["size_vox", "radius_mm"]), .onlyWith("value", key: "boundary", is: "constant"),
        .needs("mask_outside", "mask"),
      ])
  }

  private static let sizeKey = Key<ScalarOrTriple<Int>>(
    "size_vox", .scalarOrTriple(.integer(.from(1, to: 1001)), element: .integer(.from(1, to: 1001))), .optional,
    "Edge of the box in voxels; an even box reaches one voxel further back than forth.")
  private static let radiusKey = Key<Double>(
    "radius_mm", .number(.above(0, upTo: 10_000)), .optional,
    "Radius of a ball in millimetres: voxels count whose centres are at most as far away.")
  private static let maskKey = Key<String>(
    "mask", .scanPattern, .optional,
    "A scan on the same grid; voxels above 0 are inside, and only those inside count. With placeholders, one for each scan."
  )
}
