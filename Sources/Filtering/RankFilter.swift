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
    let plans = plans
    return (plans.passes + [plans.whole]).reduce(0) { most, plan in
      max(most, RankSize(plan, shape: shape, scalar: S.self, tiling: tiling).scratchBytes)
    }
  }

  /// What is done at once, and what is done in turn to the same end where nothing is absent: the smallest voxel of a
  /// large box is the smallest one along k of the smallest ones along j of those along i.
  fileprivate var plans: (whole: RankPlan, passes: [RankPlan]) {
    let whole = RankPlan(neighbourhood, rank: rank)
    let isExtreme = [0, whole.offsets.count - 1].contains(rank.place(among: whole.offsets.count))
    guard whole.network == nil, isExtreme, neighbourhood.isBox else { return (whole, [whole]) }
    let box = neighbourhood.shape
    // Percentiles far from 0 and 100 can be an end of many voxels, and none of few.
    let end = rank.place(among: whole.offsets.count) == 0 ? Rank.minimum : .maximum
    let sides = [(box.i, 1, 1), (1, box.j, 1), (1, 1, box.k)].compactMap { RankNeighbourhood(box: $0, $1, $2) }
    return (whole, sides.filter { $0.shape.count > 1 }.map { RankPlan($0, rank: end) })
  }

  /// How many frames it holds besides the one it is given: the result, and marked voxels where the original is kept.
  package var framesBeside: Int { mask != nil && outside == .keep ? 2 : 1 }
}

/// A rank step for frames of one shape. It may filter several frames at the same time.
package struct RankFilter<S: ComputeScalar>: Sendable {
  private let step: RankStep
  private let shape: Shape
  private let absentNonFinite: Bool
  /// One stage, or some in turn, for frames without absent voxels.
  private let plain: [RankStage<S>]
  /// For frames with absent voxels.
  private let marked: RankStage<S>
  let laneBytes: Int

  init(_ step: RankStep, shape: Shape, absentNonFinite: Bool, tiling: Tiling) throws(EngineFailure) {
    try step.mask?.check(fits: shape)
    let plans = step.plans
    var outside: S = 0
    if case .constant(let value) = step.boundary { outside = S(value) }
    let isAbsent = step.boundary == .renormalise || step.mask != nil || absentNonFinite && !outside.isFinite
    func stage(_ plan: RankPlan, _ outside: S, mayBeAbsent: Bool) -> RankStage<S> {
      let size = RankSize(plan, shape: shape, scalar: S.self, tiling: tiling)
      return RankStage(plan, size, shape: shape, boundary: step.boundary, outside: outside, mayBeAbsent: mayBeAbsent)
    }
    plain = plans.passes.map { stage($0, outside, mayBeAbsent: false) }
    marked = stage(plans.whole, isAbsent ? S.absent : outside, mayBeAbsent: true)
    laneBytes = step.laneBytes(shape: shape, scalar: S.self, tiling: tiling)
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
    var result = source
    for stage in marks ? [marked] : plain {
      let before = result
      result = try runner.spare.takeFrame()
      try runner.run(stage, from: [Slices(before)], to: [Slices(result)], adds: false)
      runner.spare.giveBack(before)
    }
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
