import CHotLoops
import Volumes

/// An operation that looks at one voxel at a time and leaves the grid as it is. What follows from that is said here once.
package protocol VoxelwiseOperation: Operation {
  /// Changes voxels of a frame that are neighbours in memory.
  ///
  /// - Parameters:
  ///   - voxels: As many as `count` begin here.
  ///   - first: The number of the first of them in the frame, and in `beside`.
  ///   - beside: What `reads` asks for.
  func change<S: ComputeScalar>(
    _ voxels: UnsafeMutablePointer<S>, _ count: Int, from first: Int, _ beside: VoxelsBeside<S>, _ loops: Loops)

  /// What it reads beside the voxels.
  var reads: VoxelsRead { get }
}

/// What a voxelwise operation reads beside the voxels.
package enum VoxelsRead: Sendable {
  case nothing
  case mask(MaskSource)
  /// One value per voxel, of the frame with the same number.
  case values(Companion)
}

/// The voxels beside those of a frame, from the first on.
package enum VoxelsBeside<S: ComputeScalar>: @unchecked Sendable {
  // @unchecked Sendable because nobody writes to what the pointers lead to while an operation runs.
  case nothing
  case inside(UnsafePointer<UInt8>)
  case values(UnsafePointer<S>)
}

extension VoxelwiseOperation {
  package func output(for layout: Layout) -> Layout { layout }

  package func scope(in engine: Engine) -> Scope { .voxel }

  package var companions: [Companion] {
    switch reads {
    case .nothing: []
    case .mask(let source): source.companion.map { [$0] } ?? []
    case .values(let companion): [companion]
    }
  }

  package var residentBytes: Int {
    if case .mask(let source) = reads { source.residentBytes } else { 0 }
  }

  package func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost {
    OperationCost()
  }

  package func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) throws(EngineFailure) -> PreparedOperation<S> {
    var mask: Mask?
    if case .mask(let source) = reads { mask = try source.mask(at: place) }
    return .frames(VoxelwiseFilter<S>(operation: self, mask: mask, place: place))
  }
}

/// A voxelwise operation that is ready for frames.
private struct VoxelwiseFilter<S: ComputeScalar>: FrameOperation {
  let operation: any VoxelwiseOperation
  let mask: Mask?
  let place: OperationPlace

  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let loops = runner.loops
    switch operation.reads {
    case .nothing:
      try runner.forEachRun(of: frame.shape) { run in
        operation.change(frame.base + run.lowerBound, run.count, from: run.lowerBound, .nothing, loops)
      }
    case .mask:
      try runner.forEachRun(of: frame.shape) { run in
        mask?.withBytes { inside in
          operation.change(frame.base + run.lowerBound, run.count, from: run.lowerBound, .inside(inside), loops)
        }
      }
    case .values(let companion):
      let other = try place.companions.frame(number, of: companion, as: S.self)
      guard other.shape == place.layout.shape else {
        throw .gridMismatch(expected: place.layout.shape, found: other.shape)
      }
      let first = place.slices.lowerBound * other.shape.slice
      try runner.forEachRun(of: frame.shape) { run in
        let beside = VoxelsBeside<S>.values(UnsafePointer(other.base + first))
        operation.change(frame.base + run.lowerBound, run.count, from: run.lowerBound, beside, loops)
      }
    }
    return frame
  }
}
