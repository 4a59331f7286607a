import Volumes

/// What a series of frames looks like at some point of a chain.
package struct Layout: Hashable, Sendable {
  package var shape: Shape
  package var frames: Int
  /// In mm.
  package var spacing: Spacing
  package var affine: Affine
  /// Indices of its voxels to indices of the scan's own.
  package var toScan = Affine.identity
  /// Seconds from one frame to the next; 0 where the file does not say.
  package var timeStep: Double
  /// How many spatial axes the file has, 1 to 3: a 2-D image has no k axis to filter along.
  package var dimensions: Int

  package init(
    shape: Shape, frames: Int = 1, spacing: Spacing = Spacing(all: 1), affine: Affine? = nil, timeStep: Double = 0,
    dimensions: Int = 3
  ) {
    self.shape = shape
    self.frames = frames
    self.spacing = spacing
    self.affine = affine ?? Affine(spacing: spacing)
    self.timeStep = timeStep
    self.dimensions = dimensions
  }

  /// The layout on another grid.
  package func changed(by change: GridChange) -> Layout {
    var new = self
    new.shape = change.shape
    new.frames = change.frames
    new.spacing = change.spacing
    new.affine = affine.after(change.newToOld)
    new.toScan = toScan.after(change.newToOld)
    new.timeStep = change.frameSeconds ?? timeStep
    return new
  }

  /// How it differs from the layout of the scan; `nil` when it does not.
  package func change(from scan: Layout) -> GridChange? {
    guard shape != scan.shape || frames != scan.frames || toScan != .identity || timeStep != scan.timeStep else {
      return nil
    }
    return GridChange(
      shape: shape, frames: frames, spacing: spacing, newToOld: toScan,
      frameSeconds: timeStep == scan.timeStep ? nil : timeStep)
  }

  package var axes: Set<Axis> { Set(Axis.allCases.prefix(dimensions)) }
}

extension Affine {
  /// Axes along those of the world, voxel (0, 0, 0) in its origin.
  package init(spacing: Spacing) {
    self.init(rows: [[spacing.i, 0, 0, 0], [0, spacing.j, 0, 0], [0, 0, spacing.k, 0]])
  }
}

extension Shape {
  /// As many lines, and so many slices.
  package func cut(to slices: Int) -> Shape? { Shape(i: i, j: j, k: slices) }
}
