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
package struct RankOperation: Operation {
  package let filter: String
  package let neighbourhood: RankNeighbourhood
  package let rank: Rank
  package let boundary: Boundary
  package let mask: MaskSource?
  /// What becomes of the voxels outside the mask.
  package let outside: MaskedConvolution.Outside
  /// What is done to a frame; made once, because networks take a while.
  private let plans: RankPlans

  package init(
    filter: String, neighbourhood: RankNeighbourhood, rank: Rank, boundary: Boundary, mask: MaskSource? = nil,
    outside: MaskedConvolution.Outside = .keep
  ) {
    self.filter = filter
    self.neighbourhood = neighbourhood
    self.rank = rank
    self.boundary = boundary
    self.mask = mask
    self.outside = outside
    plans = RankPlans(neighbourhood, rank)
  }
}

extension RankOperation {
  package func output(for layout: Layout) -> Layout { layout }

  package func scope(in engine: Engine) -> Scope {
    let halo = neighbourhood.halo
    let reach = PerAxis(Axis.i, .j, .k).map { max(halo[$0].back, halo[$0].forth) }
    return .neighbourhood(Halo(reach, needsWholeFrame: boundary == .wrap && reach.k > 0))
  }

  package var companions: [Companion] { mask?.companion.map { [$0] } ?? [] }

  package var residentBytes: Int { mask?.residentBytes ?? 0 }

  package func numbers(in engine: Engine) -> NumericNeeds {
    if case .constant(let value) = boundary { return NumericNeeds(fitsFloat: FloatRange.holds(value)) }
    return NumericNeeds()
  }

  /// The filter's name does not matter: the median is a percentile of some places.
  package func describe(in recipe: inout RecipeDigest) {
    recipe.add("rank \(boundary.name)", rank.numbers)
    if case .constant(let value) = boundary { recipe.add(value) }
    recipe.add("box \(neighbourhood.shape) of \(plans.whole.offsets.count)")
    for place in neighbourhood.isBox ? [] : neighbourhood.places { recipe.add("\(place.array)") }
    guard let mask else { return }
    recipe.add("inside \(outside.rawValue)")
    recipe.add(mask)
  }

  package func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost {
    var cost = OperationCost()
    cost.passes = plans.passes.count
    cost.multipliesPerVoxel = plans.passes.reduce(0) { $0 + $1.exchanges }
    cost.frames = mask != nil && outside == .keep ? 2 : 1
    cost.laneBytes = plans.laneBytes(shape: layout.shape, scalar: S.self, tiling: engine.tiling)
    return cost
  }

  package func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) throws(EngineFailure) -> PreparedOperation<S> {
    let mask = try mask.map { (source) throws(EngineFailure) in try source.mask(at: place) }
    return .frames(
      RankFilter<S>(
        plans, boundary: boundary, mask: mask, outside: outside, shape: place.shape,
        absentNonFinite: engine.absentNonFinite, tiling: engine.tiling))
  }
}

/// What a rank filter does to frames of any shape.
struct RankPlans: Sendable {
  /// What is done at once.
  let whole: RankPlan
  /// What is done in turn to the same end where nothing is absent.
  let passes: [RankPlan]

  /// The smallest voxel of a large box is the smallest one along k of the smallest ones along j of those along i.
  init(_ neighbourhood: RankNeighbourhood, _ rank: Rank) {
    whole = RankPlan(neighbourhood, rank: rank)
    let count = whole.offsets.count
    let isExtreme = [0, count - 1].contains(rank.place(among: count))
    guard whole.network == nil, isExtreme, neighbourhood.isBox else {
      passes = [whole]
      return
    }
    let box = neighbourhood.shape
    // Percentiles far from 0 and 100 can be an end of many voxels, and none of few.
    let end = rank.place(among: count) == 0 ? Rank.minimum : .maximum
    let sides = [(box.i, 1, 1), (1, box.j, 1), (1, 1, box.k)].compactMap { RankNeighbourhood(box: $0, $1, $2) }
    passes = sides.filter { $0.shape.count > 1 }.map { RankPlan($0, rank: end) }
  }

  /// The working memory of a lane for frames of a shape. Saturates.
  func laneBytes<S: ComputeScalar>(shape: Shape, scalar: S.Type, tiling: Tiling) -> Int {
    (passes + [whole]).reduce(0) { most, plan in
      max(most, RankSize(plan, shape: shape, scalar: S.self, tiling: tiling).scratchBytes)
    }
  }
}

/// A rank filter for frames of one shape. It may filter several frames at the same time.
struct RankFilter<S: ComputeScalar>: FrameOperation {
  private let mask: Mask?
  private let outside: MaskedConvolution.Outside
  private let shape: Shape
  private let absentNonFinite: Bool
  /// One stage, or some in turn, for frames without absent voxels.
  private let plain: [RankStage<S>]
  /// For frames with absent voxels.
  private let marked: RankStage<S>

  init(
    _ plans: RankPlans, boundary: Boundary, mask: Mask?, outside: MaskedConvolution.Outside, shape: Shape,
    absentNonFinite: Bool, tiling: Tiling
  ) {
    var beyond: S = 0
    if case .constant(let value) = boundary { beyond = S(value) }
    let isAbsent = boundary == .renormalise || mask != nil || absentNonFinite && !beyond.isFinite
    func stage(_ plan: RankPlan, _ beyond: S, mayBeAbsent: Bool) -> RankStage<S> {
      let size = RankSize(plan, shape: shape, scalar: S.self, tiling: tiling)
      return RankStage(plan, size, shape: shape, boundary: boundary, outside: beyond, mayBeAbsent: mayBeAbsent)
    }
    plain = plans.passes.map { stage($0, beyond, mayBeAbsent: false) }
    marked = stage(plans.whole, isAbsent ? S.absent : beyond, mayBeAbsent: true)
    (self.mask, self.outside, self.shape, self.absentNonFinite) = (mask, outside, shape, absentNonFinite)
    alwaysMarks = isAbsent
  }

  /// Whether something is absent in every frame.
  private let alwaysMarks: Bool

  /// Filters a frame, whose memory may be used again.
  #if compiler(>=6.3)
    // Else every line's way to the hot loops would ask at run time how large a scalar is.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let marks: Bool
    if alwaysMarks || !absentNonFinite {
      marks = alwaysMarks
    } else {
      marks = try VoxelStatistics(of: frame, engine: runner.engine).nonFinite > 0
    }
    let keeps = mask != nil && outside == .keep
    let source = keeps ? try runner.spare.takeFrame() : frame
    if marks { try mark(frame, into: source, runner: runner) }
    var result = source
    for stage in marks ? [marked] : plain {
      let before = result
      result = try runner.spare.takeFrame()
      try runner.run(stage, from: [Slices(before)], to: [Slices(result)], adds: false)
      runner.spare.giveBack(before)
    }
    if let mask { try settle(result, mask, kept: keeps ? frame : nil, runner: runner) }
    if keeps { runner.spare.giveBack(frame) }
    return result
  }

  private func mark(_ frame: Frame<S>, into marked: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    let loops = runner.loops
    try runner.forEachRun(of: shape) { run in
      let (to, from) = (marked.base + run.lowerBound, frame.base + run.lowerBound)
      guard let mask else {
        return loops.ranks.mark(to, from, nil, absentNonFinite ? 1 : 0, run.count)
      }
      mask.withBytes { loops.ranks.mark(to, from, $0 + run.lowerBound, absentNonFinite ? 1 : 0, run.count) }
    }
  }

  /// Writes the voxels outside the mask.
  private func settle(
    _ result: Frame<S>, _ mask: Mask, kept: Frame<S>?, runner: Runner<S>
  ) throws(EngineFailure) {
    let fill: S = outside == .nan ? .nan : 0
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
