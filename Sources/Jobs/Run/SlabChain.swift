import Filtering
import Volumes

/// A chain that is ready for one slab after the other; it is prepared anew only where the slab makes a difference.
final class SlabChain<Scalar: ComputeScalar> {
  private let chain: Chain
  private let shape: Shape
  private let engine: Engine
  private let absentNonFinite: Bool
  private var prepared: (chain: PreparedChain<Scalar>, for: Slab)?

  init(_ chain: Chain, shape: Shape, engine: Engine, absentNonFinite: Bool) {
    self.chain = chain
    self.shape = shape
    self.engine = engine
    self.absentNonFinite = absentNonFinite
  }

  /// Filters a slab. The frame's memory becomes the chain's.
  func apply(to frame: Frame<Scalar>, _ slab: Slab) throws -> Frame<Scalar> {
    let prepared = try prepare(for: slab)
    return try inEngine { () throws(EngineFailure) in try prepared.apply(to: frame) }
  }

  @discardableResult
  func prepare(for slab: Slab) throws -> PreparedChain<Scalar> {
    if let prepared, serves(slab, prepared.for) { return prepared.chain }
    // Its memory goes before the next one takes its own.
    prepared = nil
    let ready = try inEngine { () throws(EngineFailure) in
      try engine.prepare(
        chain.cut(to: slab.source), for: Scalar.self, shape: shape.cut(to: slab.source.count) ?? shape,
        absentNonFinite: absentNonFinite)
    }
    prepared = (ready, slab)
    return ready
  }

  private func serves(_ slab: Slab, _ other: Slab) -> Bool {
    slab.source.count == other.source.count
      && (slab.source.lowerBound == other.source.lowerBound || !chain.hasMasks)
  }
}

/// The frames that slabs are filtered in, and the slices that neighbouring slabs share.
struct SlabWindow<Scalar: ComputeScalar> {
  private let shape: Shape
  private var spare: Frame<Scalar>?
  /// Slices as they were read, for the next slab.
  private var shared: Frame<Scalar>?

  /// - Parameter shape: of a whole frame.
  init(of shape: Shape) { self.shape = shape }

  /// A frame for a slab, with the slices that the slab before has left for it.
  mutating func frame(for slab: Slab) throws(OutOfMemory) -> Frame<Scalar> {
    let frame = try room(for: slab.source.count)
    let known = (slab.source.count - slab.fresh.count) * shape.slice
    if let shared, known > 0 { frame.base.update(from: shared.base, count: known) }
    return frame
  }

  private mutating func room(for slices: Int) throws(OutOfMemory) -> Frame<Scalar> {
    let frame = spare
    spare = nil
    if let frame, frame.shape.k == slices { return frame }
    return try Frame(shape: shape.cut(to: slices) ?? shape)
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
  func fresh(in shape: Shape) -> Range<Int> { range(fresh, in: shape) }

  /// Voxels of the slab's own frame that are kept.
  func kept(in shape: Shape) -> Range<Int> { range(kept, in: shape) }

  private func range(_ slices: Range<Int>, in shape: Shape) -> Range<Int> {
    (slices.lowerBound - source.lowerBound) * shape.slice..<(slices.upperBound - source.lowerBound) * shape.slice
  }
}
