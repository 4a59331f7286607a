import Filtering
import Volumes

/// How a segment of a chain is done in the memory that there is.
package struct SegmentPlan: Hashable, Sendable {
  /// What is filtered at a time of each frame; one slab is the whole frame.
  package let slabs: [Slab]
  /// Whether the frames of a series lie in a file meanwhile, and not in memory.
  package let isSpooled: Bool

  /// - Parameters:
  ///   - count: of slabs, where the segment can have several.
  ///   - isSpooled: whether series are spooled.
  init(_ segment: Segment, slabs count: Int, isSpooled: Bool) {
    slabs = Slab.cut(segment.input.shape, reach: segment.halo ?? 0, into: segment.halo == nil ? 1 : count)
    self.isSpooled = isSpooled && segment.way == .series
  }
}

extension Segment {
  /// Slices of halo of a segment that can be done slab by slab.
  var halo: Int? { if case .slabs(let halo) = way { halo } else { nil } }

  /// How its frames are cut into so many slabs, or into fewer.
  func cut(into count: Int) -> Slab.Cut {
    Slab.Cut(input.shape, reach: halo ?? 0, into: halo == nil ? 1 : count)
  }
}

/// The memory that a segment takes while it works, in bytes.
struct SegmentFootprint<Scalar: ComputeScalar> {
  let segment: Segment
  let cut: Slab.Cut
  let isSpooled: Bool
  let engine: Engine

  /// - Parameter takesFrames: Whether the segment before hands over whole frames, so that none has to be read.
  func bytes(takesFrames: Bool) -> Int {
    switch segment.way {
    case .slabs, .frames: framesBytes(takesFrames: takesFrames)
    case .frameAfterFrame:
      frame(segment.input).multipliedSaturating(by: takesFrames ? 0 : 1).addingSaturating(seriesScratch)
    case .series: seriesBytes.addingSaturating(seriesScratch)
    }
  }

  private func frame(_ layout: Layout, slices: Int? = nil) -> Int {
    layout.shape.slice.multipliedSaturating(by: slices ?? layout.shape.k)
      .multipliedSaturating(by: MemoryLayout<Scalar>.stride)
  }

  private func framesBytes(takesFrames: Bool) -> Int {
    let own =
      takesFrames && cut.count == 1 ? 0 : frame(segment.input, slices: cut.thickness.addingSaturating(cut.shared))
    var sum = own
    var shape = segment.input.shape
    for run in segment.runs {
      // Operations that change the shape of a frame make a new one, and keep the old until they are done.
      if run.shape != shape { sum = sum.addingSaturating(frame(run.layouts[0])) }
      shape = run.shape
      let slices = run.shape == segment.input.shape ? cut.thickness : run.shape.k
      let cost = engine.cost(of: run.operations, layout: run.layout(slices: slices), scalar: Scalar.self)
      sum = sum.addingSaturating(cost.scratchBytes)
    }
    return segment.output.shape == shape ? sum : sum.addingSaturating(frame(segment.output))
  }

  private var seriesScratch: Int {
    engine.cost(of: segment.operations, layout: segment.input, scalar: Scalar.self).scratchBytes
      .addingSaturating(segment.rowBytes.multipliedSaturating(by: engine.workers.count))
  }

  private var seriesBytes: Int {
    let frames = segment.input.frames
    guard isSpooled else { return frame(segment.input).multipliedSaturating(by: frames) }
    let tiles = SeriesTiles(shape: segment.input.shape, frames: frames, scalarBytes: MemoryLayout<Scalar>.stride)
    return frame(segment.input).addingSaturating(tiles.memory)
  }
}
