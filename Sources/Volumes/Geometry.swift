/// The distances between voxel centres along i, j and k, in mm.
package typealias Spacing = PerAxis<Double>

/// Voxel indices (i, j, k) to world coordinates in mm, RAS+: three rows of four.
package struct Affine: Hashable, Sendable {
  package var rows: [[Double]]

  package init(rows: [[Double]]) { self.rows = rows }

  /// The largest absolute difference between the elements of two affines, in mm.
  package func distance(to other: Affine) -> Double {
    zip(rows.joined(), other.rows.joined()).map { abs($0 - $1) }.max() ?? 0
  }
}

/// The affine part of voxel values: physical = stored · slope + intercept.
package struct Scaling: Hashable, Sendable {
  package var slope: Double
  package var intercept: Double

  package init(slope: Double, intercept: Double) {
    self.slope = slope
    self.intercept = intercept
  }

  package static let identity = Scaling(slope: 1, intercept: 0)
}
