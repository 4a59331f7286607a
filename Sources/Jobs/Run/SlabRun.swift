import Filtering
import Volumes

/// A segment that goes through each frame slab by slab, or in one piece.
final class SlabRun<Scalar: ComputeScalar>: SegmentRun {
  private let segment: Segment
  private let slabs: [Slab]
  private let input: any VoxelStream<Scalar>
  private let work: ChainWork
  private var prepared: (chain: PreparedChain<Scalar>, for: Slab)?
  private var window: SlabWindow<Scalar>
  /// The slab that comes next, and its frame.
  private var (number, index) = (0, 0)

  /// - Parameter slabs: What is filtered at a time, together one frame.
  init(_ segment: Segment, slabs: [Slab], from input: any VoxelStream<Scalar>, _ work: ChainWork) throws {
    (self.segment, self.slabs, self.input, self.work) = (segment, slabs, input, work)
    window = SlabWindow(of: segment.input.shape)
    // What the engine says of the operations comes before anything is read.
    if let first = slabs.first { try prepare(for: first) }
  }

  func next() throws -> Piece<Scalar>? {
    guard number < segment.input.frames, slabs.indices.contains(index) else { return nil }
    let slab = slabs[index]
    let frame = try read(slab)
    if index == 0 { try work.begins(.filter, frame: number) }
    let prepared = try prepare(for: slab)
    let result = try work.measure(.filter) {
      try inEngine { () throws(EngineFailure) in try prepared.apply(to: frame, number: number) }
    }
    // Operations that change the shape of a frame get it as a whole.
    let kept = slabs.count > 1 ? slab.kept(in: segment.input.shape) : 0..<result.shape.count
    defer { step() }
    return Piece(frame: result, voxels: kept, number: number)
  }

  func giveBack(_ frame: Frame<Scalar>) { window.giveBack(frame) }

  private func step() {
    index += 1
    if index == slabs.count { (number, index) = (number + 1, 0) }
  }

  private func read(_ slab: Slab) throws -> Frame<Scalar> {
    if slabs.count == 1, let frame = try input.takeFrame() { return frame }
    let frame = try window.frame(for: slab)
    try input.read(into: frame, slab.fresh(in: segment.input.shape), of: number)
    try window.keep(of: frame, slab)
    return frame
  }

  /// Operations are prepared anew only where the slab makes a difference.
  @discardableResult
  private func prepare(for slab: Slab) throws -> PreparedChain<Scalar> {
    if let prepared, serves(slab, prepared.for) { return prepared.chain }
    // Its memory goes before the next one takes its own.
    prepared = nil
    let ready = try inEngine { () throws(EngineFailure) in
      try work.engine.prepare(
        segment, for: Scalar.self, slices: slab.source, companions: work.companions, chosen: work.chosen)
    }
    prepared = (ready, slab)
    return ready
  }

  private func serves(_ slab: Slab, _ other: Slab) -> Bool {
    slab.source.count == other.source.count
      && (slab.source.lowerBound == other.source.lowerBound || !segment.dependsOnPlace)
  }
}

/// The frames that slabs are filtered in, and the slices that neighbouring slabs share.
private struct SlabWindow<Scalar: ComputeScalar> {
  private let shape: Shape
  private var spare: Frame<Scalar>?
  /// Slices as they were read, for the next slab.
  private var shared: Frame<Scalar>?

  /// - Parameter shape: of a whole frame.
  init(of shape: Shape) { self.shape = shape }

  /// A frame for a slab, with the slices that the slab before has left for it.
  mutating func frame(for slab: Slab) throws(OutOfMemory) -> Frame<Scalar> {
    let frame = try newFrame(of: slab.source.count)
    let known = (slab.source.count - slab.fresh.count) * shape.slice
    if let shared, known > 0 { frame.base.update(from: shared.base, count: known) }
    return frame
  }

  private mutating func newFrame(of slices: Int) throws(OutOfMemory) -> Frame<Scalar> {
    let frame = spare
    spare = nil
    let wanted = shape.cut(to: slices) ?? shape
    if let frame, frame.shape == wanted { return frame }
    return try Frame(shape: wanted)
  }

  /// Keeps what the next slab needs, too, of a slab that was read and is about to be filtered.
  mutating func keep(of frame: Frame<Scalar>, _ slab: Slab) throws(OutOfMemory) {
    guard !slab.again.isEmpty else { return }
    if (shared?.shape.k ?? 0) < slab.again.count {
      shared = nil
      shared = try Frame(shape: shape.cut(to: slab.again.count) ?? shape)
    }
    let first = (slab.again.lowerBound - slab.source.lowerBound) * shape.slice
    shared?.base.update(from: frame.base + first, count: slab.again.count * shape.slice)
  }

  /// Takes a frame that is done with.
  mutating func giveBack(_ frame: Frame<Scalar>) { spare = frame }
}

extension Slab {
  /// Voxels of the slab's own frame that have to be read.
  fileprivate func fresh(in shape: Shape) -> Range<Int> { range(fresh, in: shape) }

  /// Voxels of the slab's own frame that are kept.
  fileprivate func kept(in shape: Shape) -> Range<Int> { range(kept, in: shape) }

  private func range(_ slices: Range<Int>, in shape: Shape) -> Range<Int> {
    (slices.lowerBound - source.lowerBound) * shape.slice..<(slices.upperBound - source.lowerBound) * shape.slice
  }
}
