import Volumes

/// Where the voxels of a new grid lie in an old one; pure numbers, nothing is filtered.
package enum GridPlan {
  /// A grid of another spacing over the same field of view.
  ///
  /// The spacing is kept exactly, and so is the outer corner of the first voxel; what rounding the length leaves over
  /// lies at the far end, half a new voxel at most. New lengths are max(1, round(n · old spacing / new spacing)).
  ///
  /// - Returns: `nil` for a spacing that is not a finite number above 0, or one that makes more voxels than can be
  ///   counted.
  package static func resampled(_ shape: Shape, frames: Int, spacing: Spacing, to new: Spacing) -> GridChange? {
    let ratios = PerAxis(new.i / spacing.i, new.j / spacing.j, new.k / spacing.k)
    guard ratios.array.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    var lengths = PerAxis(all: 1)
    for axis in Axis.allCases {
      let length = (Double(shape[axis]) / ratios[axis]).rounded()
      guard length < 0x1p59 else { return nil }
      lengths[axis] = max(1, Int(length))
    }
    guard let grid = Shape(i: lengths.i, j: lengths.j, k: lengths.k) else { return nil }
    // The corner is at -1/2 in either grid.
    let map = Affine(steps: ratios, shifts: ratios.map { ($0 - 1) / 2 })
    return GridChange(shape: grid, frames: frames, spacing: new, newToOld: map)
  }

  /// The same with `factor` times as many voxels along each axis: 2 halves the spacing.
  package static func resampled(
    _ shape: Shape, frames: Int, spacing: Spacing, by factor: PerAxis<Double>
  ) -> GridChange? {
    let new = PerAxis(spacing.i / factor.i, spacing.j / factor.j, spacing.k / factor.k)
    return resampled(shape, frames: frames, spacing: spacing, to: new)
  }

  /// A part of the grid. `nil` unless it lies within.
  package static func cropped(
    _ shape: Shape, frames: Int, spacing: Spacing, from start: PerAxis<Int>, size: Shape
  ) -> GridChange? {
    let fits = Axis.allCases.allSatisfy { axis in
      start[axis] >= 0 && size[axis] <= shape[axis] && start[axis] <= shape[axis] - size[axis]
    }
    guard fits else { return nil }
    let map = Affine(steps: PerAxis(all: 1), shifts: start.map { Double($0) })
    return GridChange(shape: size, frames: frames, spacing: spacing, newToOld: map)
  }

  /// One voxel over the whole extent of an axis, its centre in the middle.
  package static func reduced(_ shape: Shape, frames: Int, spacing: Spacing, along axis: Axis) -> GridChange? {
    var (lengths, wide, steps, shifts) = (shape.lengths, spacing, PerAxis(all: 1.0), PerAxis(all: 0.0))
    lengths[axis] = 1
    steps[axis] = Double(shape[axis])
    shifts[axis] = (steps[axis] - 1) / 2
    wide[axis] *= steps[axis]
    guard let grid = Shape(i: lengths.i, j: lengths.j, k: lengths.k) else { return nil }
    return GridChange(
      shape: grid, frames: frames, spacing: wide, newToOld: Affine(steps: steps, shifts: shifts))
  }

  /// The grid of another scan. `nil` when the affine of the old grid has no inverse.
  package static func onto(
    _ shape: Shape, frames: Int, spacing: Spacing, affine reference: Affine, from affine: Affine
  ) -> GridChange? {
    guard let inverse = affine.inverse else { return nil }
    let map = reference == affine ? .identity : inverse.after(reference)
    guard map.rows.joined().allSatisfy(\.isFinite) else { return nil }
    return GridChange(shape: shape, frames: frames, spacing: spacing, newToOld: map)
  }
}

extension Affine {
  /// The way back; `nil` for an affine that flattens space.
  package var inverse: Affine? {
    func minor(_ row: Int, _ column: Int) -> Double {
      let (r, s) = ((row + 1) % 3, (row + 2) % 3)
      let (c, d) = ((column + 1) % 3, (column + 2) % 3)
      return rows[r][c] * rows[s][d] - rows[r][d] * rows[s][c]
    }
    let determinant = (0..<3).reduce(0) { $0 + rows[0][$1] * minor(0, $1) }
    guard determinant != 0, determinant.isFinite else { return nil }
    return Affine(
      rows: (0..<3).map { row in
        let turned = (0..<3).map { minor($0, row) / determinant }
        return turned + [-(0..<3).reduce(0) { $0 + turned[$1] * rows[$1][3] }]
      })
  }
}
