import CHotLoops
import Kernels
import Parallel
import Volumes

/// A rank filter, ready to describe or to run: median, minimum, maximum, percentile.
///
/// - A NaN in the neighbourhood makes the result NaN, unless non-finite voxels are absent. (`scipy.ndimage` leaves
///   undefined what a rank filter makes of NaN.) Infinite voxels are numbers like others then.
/// - Absent are the voxels outside the mask; those that are not finite, if asked; and with `renormalise` what is beyond
///   the frame. Of n that are there, the rank's place among n is selected; of none, NaN is.
/// - Beyond the frame the other boundaries extend the mask as they extend the voxels. A constant is there, but with a
///   mask it is absent: what lies outside the volume lies outside the mask.
/// - A result of zero is always +0.
///
/// Exact: the results are voxels of the frame. Equal to `scipy.ndimage` at all its boundaries.
package struct RankStep: Sendable {
  package var neighbourhood: RankNeighbourhood
  package var rank: Rank
  package var boundary: Boundary
  package var mask: Mask?
  /// What becomes of the voxels outside the mask.
  package var outside: MaskedConvolution.Outside

  package init(
    neighbourhood: RankNeighbourhood, rank: Rank, boundary: Boundary, mask: Mask? = nil,
    outside: MaskedConvolution.Outside = .keep
  ) {
    self.neighbourhood = neighbourhood
    self.rank = rank
    self.boundary = boundary
    self.mask = mask
    self.outside = outside
  }
}

extension RankStep {
  /// The working memory per lane for frames of a shape; nothing is allocated for it. Saturates.
  package func laneBytes<S: ComputeScalar>(shape: Shape, scalar: S.Type, engine: Engine) -> Int {
    laneBytes(shape: shape, scalar: S.self, tiling: engine.tiling)
  }

  func laneBytes<S: ComputeScalar>(shape: Shape, scalar: S.Type, tiling: Tiling) -> Int {
    RankSize(RankPlan(neighbourhood, rank: rank), shape: shape, scalar: S.self, tiling: tiling).scratchBytes
  }

  /// How many frames it holds besides the one it is given: the result, and marked voxels where the original is kept.
  package var framesBeside: Int { mask != nil && outside == .keep ? 2 : 1 }
}

/// A rank step for frames of one shape. It may filter several frames at the same time.
package struct RankFilter<S: ComputeScalar>: Sendable {
  private let step: RankStep
  private let shape: Shape
  private let absentNonFinite: Bool
  private let plain: RankStage<S>
  /// For frames with absent voxels.
  private let marked: RankStage<S>
  let laneBytes: Int

  init(_ step: RankStep, shape: Shape, absentNonFinite: Bool, tiling: Tiling) throws(EngineFailure) {
    try step.mask?.check(fits: shape)
    let plan = RankPlan(step.neighbourhood, rank: step.rank)
    let size = RankSize(plan, shape: shape, scalar: S.self, tiling: tiling)
    var outside: S = 0
    if case .constant(let value) = step.boundary { outside = S(value) }
    let isAbsent = step.boundary == .renormalise || step.mask != nil || absentNonFinite && !outside.isFinite
    func stage(_ outside: S, mayBeAbsent: Bool) -> RankStage<S> {
      RankStage(plan, size, shape: shape, boundary: step.boundary, outside: outside, mayBeAbsent: mayBeAbsent)
    }
    plain = stage(outside, mayBeAbsent: false)
    marked = stage(isAbsent ? S.absent : outside, mayBeAbsent: true)
    laneBytes = size.scratchBytes
    self.step = step
    self.shape = shape
    self.absentNonFinite = absentNonFinite
    alwaysMarks = isAbsent
  }

  /// Whether something is absent in every frame.
  private let alwaysMarks: Bool

  /// Filters a frame, whose memory may be used again.
  func apply(to frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let marks: Bool
    if alwaysMarks || !absentNonFinite {
      marks = alwaysMarks
    } else {
      marks = try VoxelStatistics(of: frame, engine: runner.engine).nonFinite > 0
    }
    let keeps = step.mask != nil && step.outside == .keep
    let source = keeps ? try runner.spare.takeFrame() : frame
    if marks { try mark(frame, into: source, runner: runner) }
    let result = try runner.spare.takeFrame()
    try runner.run(marks ? marked : plain, from: [Slices(source)], to: [Slices(result)], adds: false)
    runner.spare.giveBack(source)
    if let mask = step.mask { try settle(result, mask, kept: keeps ? frame : nil, runner: runner) }
    if keeps { runner.spare.giveBack(frame) }
    return result
  }

  private func mark(_ frame: Frame<S>, into marked: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    let loops = runner.loops
    try runner.forEachRun(of: shape) { run in
      let (to, from) = (marked.base + run.lowerBound, frame.base + run.lowerBound)
      guard let mask = step.mask else {
        return loops.ranks.mark(to, from, nil, absentNonFinite ? 1 : 0, run.count)
      }
      mask.withBytes { loops.ranks.mark(to, from, $0 + run.lowerBound, absentNonFinite ? 1 : 0, run.count) }
    }
  }

  /// Writes the voxels outside the mask.
  private func settle(
    _ result: Frame<S>, _ mask: Mask, kept: Frame<S>?, runner: Runner<S>
  ) throws(EngineFailure) {
    let fill: S = step.outside == .nan ? .nan : 0
    let loops = runner.loops
    try runner.forEachRun(of: shape) { run in
      let voxels = result.base + run.lowerBound
      let before = kept.map { UnsafeRawPointer($0.base + run.lowerBound) }
      withUnsafePointer(to: fill) { fill in
        mask.withBytes { loops.ranks.settle(voxels, $0 + run.lowerBound, before, fill, run.count) }
      }
    }
  }
}

extension ComputeScalar {
  /// The bits that mark a voxel as absent.
  fileprivate static var absent: Self {
    var value: Self = 0
    let ranks = InstructionSet.preferred.loops(for: Self.self).ranks
    withUnsafeMutablePointer(to: &value) { ranks.absent($0, 1) }
    return value
  }
}

/// A rank filter with its working memory, ready for frame after frame of one shape.
package struct PreparedRank<S: ComputeScalar>: Sendable {
  private let filter: RankFilter<S>
  private let runner: Runner<S>
  private let shape: Shape

  init(_ step: RankStep, shape: Shape, absentNonFinite: Bool, engine: Engine) throws(EngineFailure) {
    self.shape = shape
    filter = try RankFilter(step, shape: shape, absentNonFinite: absentNonFinite, tiling: engine.tiling)
    runner = Runner(engine: engine, shape: shape, bytesPerLane: filter.laneBytes)
  }

  /// Filters a frame. The frame's memory becomes the filter's: do not look at it afterwards.
  package func apply(to frame: consuming Frame<S>) throws(EngineFailure) -> Frame<S> {
    guard frame.shape == shape else { throw .gridMismatch(expected: shape, found: frame.shape) }
    return try filter.apply(to: frame, runner: runner)
  }
}

extension Engine {
  /// Makes a rank filter ready for frames of one shape.
  package func prepare<S: ComputeScalar>(
    _ step: RankStep, for scalar: S.Type, shape: Shape, absentNonFinite: Bool
  ) throws(EngineFailure) -> PreparedRank<S> {
    try PreparedRank(step, shape: shape, absentNonFinite: absentNonFinite, engine: self)
  }

  /// Filters one frame. For frame after frame of the same shape, `prepare` once is cheaper.
  package func apply<S: ComputeScalar>(
    _ step: RankStep, to frame: consuming Frame<S>, absentNonFinite: Bool
  ) throws(EngineFailure) -> Frame<S> {
    try prepare(step, for: S.self, shape: frame.shape, absentNonFinite: absentNonFinite).apply(to: frame)
  }
}
