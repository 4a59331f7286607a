import Kernels
import Volumes

extension LinearOperation {
  package func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost {
    var cost = kernel.memory(shape: layout.shape, scalar: S.self, tiling: engine.tiling)
    let runs = engine.absentNonFinite ? 2 : 1
    cost.passes = kernel.passes * runs
    cost.multipliesPerVoxel = kernel.multipliesPerVoxel * runs
    if !hasShares, mask != nil || boundary == .renormalise { cost.lastingFrames = 1 }
    if engine.absentNonFinite { cost.frames += 1 }
    if mask?.outside == .keep { cost.frames += 1 }
    return cost
  }
}

extension LinearKernel {
  fileprivate var passes: Int {
    switch self {
    case .separable(let terms): max(1, SharedPasses(terms.map(\.passes)).count)
    case .dense: 1
    }
  }

  fileprivate var multipliesPerVoxel: Int {
    switch self {
    case .separable(let terms): max(1, SharedPasses(terms.map(\.passes)).multiplies)
    case .dense(let kernel): kernel.weights.count
    }
  }

  /// What `LinearFilter` takes besides its source, whose memory it uses again.
  fileprivate func memory<S: ComputeScalar>(shape: Shape, scalar: S.Type, tiling: Tiling) -> OperationCost {
    switch self {
    case .separable(let terms):
      return SharedPasses(terms.map(\.passes)).memory(shape: shape, scalar: S.self, tiling: tiling)
    case .dense(let kernel):
      var cost = OperationCost()
      cost.frames = 1
      cost.laneBytes = DenseSize(shape: shape, kernel: kernel.shape, scalar: S.self, tiling: tiling).scratchBytes
      return cost
    }
  }
}

extension SharedPasses {
  /// What `SeparableFilter` takes.
  fileprivate func memory<S: ComputeScalar>(shape: Shape, scalar: S.Type, tiling: Tiling) -> OperationCost {
    let flat = flatPart
    let batches = batches.map { $0.memory(shape: shape, scalar: S.self, tiling: tiling) }
    let flatBytes = flat.map { PlaneSize($0, shape: shape, scalar: S.self, tiling: tiling).scratchBytes } ?? 0
    let isInPlace = flat == nil && batches.count == 1 && batches[0].isInPlace
    var cost = OperationCost()
    cost.frames = isInPlace ? 0 : 1
    cost.betweens = batches.map(\.betweens).max() ?? 0
    cost.laneBytes = max(flatBytes, batches.map(\.laneBytes).max() ?? 0)
    return cost
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
