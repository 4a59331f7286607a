import Volumes

/// Neighbouring operations of a chain that need the same of a series, and run together.
package struct Segment: Sendable {
  /// How much of the series is in memory at a time.
  package enum Way: Hashable, Sendable {
    /// Slabs of a frame, with so many slices of halo on either side.
    case slabs(halo: Int)
    /// One frame.
    case frames
    /// One frame after the other; results come after the last.
    case frameAfterFrame
    /// All frames, in memory or on the disk.
    case series
  }

  package let way: Way
  package let operations: [any Operation]
  /// The layout before each operation, and behind the last.
  package let layouts: [Layout]

  package var input: Layout { layouts[0] }
  package var output: Layout { layouts[layouts.count - 1] }

  /// As for `Chain`.
  package var dependsOnPlace: Bool { Chain(operations).dependsOnPlace }

  /// Operations that run one after the other on frames of one shape.
  package struct Run: Sendable {
    package let operations: [any Operation]
    /// The layout before each.
    package let layouts: [Layout]

    package var shape: Shape { layouts[0].shape }

    /// The layout of the frames, or of so many slices of them.
    package func layout(slices: Int) -> Layout {
      var layout = layouts[0]
      layout.shape = shape.cut(to: slices) ?? shape
      return layout
    }
  }

  /// The operations, by the shape of what they get.
  package var runs: [Run] {
    var runs: [Run] = []
    for (operation, layout) in zip(operations, layouts) {
      if let last = runs.last, last.shape == layout.shape {
        runs[runs.count - 1] = Run(operations: last.operations + [operation], layouts: last.layouts + [layout])
      } else {
        runs.append(Run(operations: [operation], layouts: [layout]))
      }
    }
    return runs
  }
}

extension Chain {
  /// The chain as a single segment, for operations that see no more than a frame.
  package func wholeFrames(of layout: Layout) throws(ScanFailure) -> Segment {
    Segment(way: .frames, operations: operations, layouts: try layouts(from: layout))
  }

  /// The chain as segments: one for each stretch that can be done slab by slab, one for each operation that needs more.
  ///
  /// - Parameters:
  ///   - layouts: as `layouts(from:)` returns them.
  ///   - cuts: Indices of operations that begin a segment in any case, because the voxels before them are wanted.
  package func segments(_ layouts: [Layout], cuts: Set<Int> = [], in engine: Engine) -> [Segment] {
    var segments: [Segment] = []
    for (index, operation) in operations.enumerated() {
      let piece = Array(layouts[index...index + 1])
      let way = Segment.Way(operation.scope(in: engine), shape: layouts[index].shape)
      if let last = segments.last, !cuts.contains(index), let joined = last.way.joined(with: way, in: piece[0].shape) {
        segments[segments.count - 1] = Segment(
          way: joined, operations: last.operations + [operation], layouts: last.layouts + [piece[1]])
      } else {
        segments.append(Segment(way: way, operations: [operation], layouts: piece))
      }
    }
    return segments.isEmpty ? [Segment(way: .slabs(halo: 0), operations: [], layouts: [layouts[0]])] : segments
  }
}

extension Segment.Way {
  fileprivate init(_ scope: Scope, shape: Shape) {
    switch scope {
    case .voxel: self = .slabs(halo: 0)
    case .neighbourhood(let halo) where halo.needsWholeFrame: self = .frames
    // More than the frame's length means the same as that.
    case .neighbourhood(let halo): self = .slabs(halo: min(shape.k, halo.reach.k))
    case .frame: self = .frames
    case .frameAfterFrame: self = .frameAfterFrame
    case .series: self = .series
    }
  }

  /// How operations of two kinds run together; `nil` when they do not.
  fileprivate func joined(with other: Segment.Way, in shape: Shape) -> Segment.Way? {
    switch (self, other) {
    case (.slabs(let a), .slabs(let b)): .slabs(halo: min(shape.k, a.addingSaturating(b)))
    case (.frames, .frames): .frames
    default: nil
    }
  }
}
