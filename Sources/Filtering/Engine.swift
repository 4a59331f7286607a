import CHotLoops
import Parallel
import Volumes

/// Applies filter chains to frames.
package struct Engine: Sendable {
  package let workers: Workers
  package let instructionSet: InstructionSet
  package let cancellation: Cancellation
  let tiling: Tiling

  package init(
    workers: Workers, instructionSet: InstructionSet, cancellation: Cancellation,
    rolling: Tiling.Rolling = .whereFaster
  ) {
    self.workers = workers
    self.instructionSet = instructionSet
    self.cancellation = cancellation
    tiling = Tiling(lanes: workers.count, rolling: rolling)
  }

  /// Filters one frame. For frame after frame of the same shape, `prepare` once is cheaper.
  package func apply<S: ComputeScalar>(
    _ chain: Chain, to frame: consuming Frame<S>, absentNonFinite: Bool
  ) throws(EngineFailure) -> Frame<S> {
    try prepare(chain, for: S.self, shape: frame.shape, absentNonFinite: absentNonFinite).apply(to: frame)
  }

  /// Makes a chain ready for frames of one shape.
  ///
  /// - Parameter absentNonFinite: NaN and infinite voxels are absent, and linear filters estimate them from the others.
  #if compiler(>=6.3)
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func prepare<S: ComputeScalar>(
    _ chain: Chain, for scalar: S.Type, shape: Shape, absentNonFinite: Bool
  ) throws(EngineFailure) -> PreparedChain<S> {
    try PreparedChain(chain, shape: shape, absentNonFinite: absentNonFinite, engine: self)
  }

  /// Shares out `pieces` among the lanes and returns when all are done.
  ///
  /// Before each piece a lane looks whether the work was cancelled. The floating-point state is the one that the
  /// results are defined for, whatever state the host program is in.
  func forEachPiece(
    of pieces: Int, _ body: @Sendable (_ lane: Int, _ piece: Int) -> Void
  ) throws(EngineFailure) {
    workers.forEachSlab(of: pieces) { lane, slab in
      let state = chotloops_enter_ieee()
      defer { chotloops_leave_ieee(state) }
      for piece in slab where !cancellation.isCancelled { body(lane, piece) }
    }
    if cancellation.isCancelled { throw .cancelled }
  }
}
