/// Another grid for the voxels of a scan, and how it lies in the one before.
///
/// An affine is not part of it: a header can hold two, and each of them goes through the same `newToOld`.
package struct GridChange: Hashable, Sendable {
  /// Of one new frame, in voxels.
  package let shape: Shape
  package let frames: Int
  /// Between the new voxels' centres, in mm.
  package let spacing: Spacing
  /// Indices of new voxels to indices of old ones, in voxels: three rows of four.
  package let newToOld: Affine
  /// The new time between two frames in seconds; `nil` leaves the header's as it is.
  package let frameSeconds: Double?

  package init(shape: Shape, frames: Int, spacing: Spacing, newToOld: Affine, frameSeconds: Double? = nil) {
    self.shape = shape
    self.frames = frames
    self.spacing = spacing
    self.newToOld = newToOld
    self.frameSeconds = frameSeconds
  }
}

extension Affine {
  package static let identity = Affine(rows: [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])

  /// Along each axis by itself: old = step · new + shift.
  package init(steps: PerAxis<Double>, shifts: PerAxis<Double>) {
    self.init(rows: [[steps.i, 0, 0, shifts.i], [0, steps.j, 0, shifts.j], [0, 0, steps.k, shifts.k]])
  }

  /// What takes a point through `first` and then through this affine.
  package func after(_ first: Affine) -> Affine {
    Affine(
      rows: rows.map { row in
        (0..<4).map { column in
          (0..<3).reduce(column == 3 ? row[3] : 0) { $0 + row[$1] * first.rows[$1][column] }
        }
      })
  }

  /// No axis has a part in another.
  package var isDiagonal: Bool {
    (0..<3).allSatisfy { row in (0..<3).allSatisfy { $0 == row || rows[row][$0] == 0 } }
  }

  /// An axis of the new grid is the old one, voxel by voxel.
  package func keeps(_ axis: Axis) -> Bool { rows[axis.rawValue] == Affine.identity.rows[axis.rawValue] }
}
