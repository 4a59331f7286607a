import Kernels
import Volumes

/// What filtering one frame costs, from the chain and the shape alone: nothing is allocated to find it out.
package struct ChainCost: Sendable, Hashable {
  /// 1-D passes and dense filterings.
  package var passes = 0
  /// Fused multiply-adds per voxel.
  package var multipliesPerVoxel = 0
  /// The most memory that is in use at one time besides the frame itself: spare frames, weights of masks, and the
  /// working memory of all lanes. `Int.max` when there cannot be so much.
  package var scratchBytes = 0
}

extension Engine {
  /// The cost of a chain on frames of one shape.
  ///
  /// - Parameter absentNonFinite: as for `apply`; the cost is that of a frame that has such voxels.
  package func cost<S: ComputeScalar>(
    of chain: Chain, shape: Shape, scalar: S.Type, absentNonFinite: Bool
  ) -> ChainCost {
    var cost = ChainCost()
    var memory = StepMemory()
    for case .linear(let step) in chain.steps {
      let runs = absentNonFinite ? 2 : 1
      cost.passes += step.kernel.passes * runs
      cost.multipliesPerVoxel += step.kernel.multipliesPerVoxel * runs
      memory.add(step.memory(shape: shape, scalar: S.self, tiling: tiling, absentNonFinite: absentNonFinite))
    }
    let voxels = shape.count.multipliedSaturating(by: memory.lastingFrames + memory.frames)
    cost.scratchBytes = voxels.multipliedSaturating(by: MemoryLayout<S>.stride)
      .addingSaturating(SpacedSlices.bytes(shape: shape, scalar: S.self).multipliedSaturating(by: memory.betweens))
      .addingSaturating(memory.laneBytes.multipliedSaturating(by: workers.count))
    return cost
  }
}

/// The memory of one or several steps that run one after the other.
struct StepMemory {
  /// Frames that are kept from one frame of the scan to the next.
  var lastingFrames = 0
  /// Frames that are needed while a step runs.
  var frames = 0
  /// Frames that lie between two stages of a step.
  var betweens = 0
  /// Working memory of one lane.
  var laneBytes = 0

  mutating func add(_ step: StepMemory) {
    lastingFrames += step.lastingFrames
    frames = max(frames, step.frames)
    betweens = max(betweens, step.betweens)
    laneBytes = max(laneBytes, step.laneBytes)
  }
}

extension LinearStep {
  /// What `NormalisedFilter` takes.
  func memory<S: ComputeScalar>(
    shape: Shape, scalar: S.Type, tiling: Tiling, absentNonFinite: Bool
  ) -> StepMemory {
    var memory = kernel.memory(shape: shape, scalar: S.self, tiling: tiling)
    if !hasShares, mask != nil || boundary == .renormalise { memory.lastingFrames = 1 }
    if absentNonFinite { memory.frames += 1 }
    if mask?.outside == .keep { memory.frames += 1 }
    return memory
  }
}

extension LinearKernel {
  var passes: Int {
    switch self {
    case .separable(let terms): max(1, SharedPasses(terms.map(\.passes)).count)
    case .dense: 1
    }
  }

  var multipliesPerVoxel: Int {
    switch self {
    case .separable(let terms): max(1, SharedPasses(terms.map(\.passes)).multiplies)
    case .dense(let kernel): kernel.weights.count
    }
  }

  /// What `LinearFilter` takes besides its source, whose memory it uses again.
  func memory<S: ComputeScalar>(shape: Shape, scalar: S.Type, tiling: Tiling) -> StepMemory {
    switch self {
    case .separable(let terms):
      return SharedPasses(terms.map(\.passes)).memory(shape: shape, scalar: S.self, tiling: tiling)
    case .dense(let kernel):
      let size = DenseSize(shape: shape, kernel: kernel.shape, scalar: S.self, tiling: tiling)
      return StepMemory(frames: 1, laneBytes: size.scratchBytes)
    }
  }
}

extension SharedPasses {
  /// What `SeparableFilter` takes.
  func memory<S: ComputeScalar>(shape: Shape, scalar: S.Type, tiling: Tiling) -> StepMemory {
    let flat = flatPart
    let batches = batches.map { $0.memory(shape: shape, scalar: S.self, tiling: tiling) }
    let flatBytes = flat.map { PlaneSize($0, shape: shape, scalar: S.self, tiling: tiling).scratchBytes } ?? 0
    let isInPlace = flat == nil && batches.count == 1 && batches[0].isInPlace
    return StepMemory(
      frames: isInPlace ? 0 : 1, betweens: batches.map(\.betweens).max() ?? 0,
      laneBytes: max(flatBytes, batches.map(\.laneBytes).max() ?? 0))
  }
}

extension PassBatch {
  /// What its stages take besides source and result, and whether these may be the same frame.
  fileprivate func memory<S: ComputeScalar>(
    shape: Shape, scalar: S.Type, tiling: Tiling
  ) -> (betweens: Int, laneBytes: Int, isInPlace: Bool) {
    if let rolling, let size = RollingSize(rolling, shape: shape, scalar: S.self, tiling: tiling) {
      return (0, size.scratchBytes, false)
    }
    let plane = inSlices.map { PlaneSize($0, shape: shape, scalar: S.self, tiling: tiling).scratchBytes } ?? 0
    let taps = groups.compactMap { $0.k?.count }.max() ?? 1
    let depth = DepthSize(shape: shape, taps: taps, scalar: S.self, tiling: tiling).scratchBytes
    return (inSlices?.groups.count ?? 0, max(plane, depth), places.allSatisfy { $0 != nil })
  }
}

extension SeparableTerm {
  /// The passes that are there, in their order.
  var taps: [Taps] { passes.array.compactMap(\.self) }
}
