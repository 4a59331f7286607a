import CHotLoops
import Parallel
import Volumes

/// Applies filter chains to frames.
package struct Engine: Sendable {
  package let workers: Workers
  package let instructionSet: InstructionSet
  package let cancellation: Cancellation
  let tiling: Tiling

  /// Whether NaN and infinite voxels are absent, and linear filters estimate them from the others.
  package var absentNonFinite: Bool

  package init(
    workers: Workers, instructionSet: InstructionSet, cancellation: Cancellation, absentNonFinite: Bool = false,
    rolling: Tiling.Rolling = .whereFaster
  ) {
    self.workers = workers
    self.instructionSet = instructionSet
    self.cancellation = cancellation
    self.absentNonFinite = absentNonFinite
    tiling = Tiling(lanes: workers.count, rolling: rolling)
  }

  /// Makes a segment ready for some slices of its frames.
  package func prepare<S: ComputeScalar>(
    _ segment: Segment, for scalar: S.Type, slices: Range<Int>? = nil, companions: any Companions = NoCompanions(),
    chosen: ChosenValues = ChosenValues()
  ) throws(EngineFailure) -> PreparedChain<S> {
    try PreparedChain(segment, slices: slices ?? 0..<segment.input.shape.k, companions, chosen, self)
  }

  /// Filters one frame by operations that see no more than a frame. For frame after frame of the same shape, `prepare`
  /// once is cheaper.
  package func apply<S: ComputeScalar>(_ chain: Chain, to frame: consuming Frame<S>) throws -> Frame<S> {
    try prepare(try chain.wholeFrames(of: Layout(shape: frame.shape)), for: S.self).apply(to: frame)
  }

  /// Shares out `pieces` among the lanes and returns when all are done.
  ///
  /// Before each piece a lane looks whether the work was cancelled. The floating-point state is the one that the
  /// results are defined for, whatever state the host program is in.
  package func forEachPiece(
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
