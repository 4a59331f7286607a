import CHotLoops
import Kernels
import Synchronization
import Volumes

/// A linear filter with its boundary, and with the division that absent voxels ask for.
///
///     out = filter(x · w) / filter(w)             w is 1 for a voxel that counts and 0 for one that does not
///
/// Absent are the voxels outside a mask, those that are not finite (if asked), and beyond the frame with `renormalise`.
/// Beyond the frame the other boundaries extend w as they extend x. A constant has weight 1, but with a mask it is absent:
/// what lies outside the volume lies outside the mask.
///
/// With a mask or `renormalise` the result is a weighted mean, whatever the sum of the weights. Where only non-finite
/// voxels are absent, the mean is multiplied by that sum, so that a frame without any is filtered as if nothing were
/// asked.
final class NormalisedFilter<S: ComputeScalar>: FrameOperation {
  private let values: LinearFilter<S>
  private let weights: LinearFilter<S>
  /// The weight inside the frame, where it is a product of shares and nothing else is absent.
  private let shares: WeightShares<S>?
  private let renormalises: Bool
  private let masked: MaskedConvolution?
  private let mask: Mask?
  private let absentNonFinite: Bool
  private let kernelSum: Double
  /// A weight below this is none.
  private let leastWeight: S
  private let shape: Shape
  /// The weight of one whole frame when it is the same for all frames; computed for the first one.
  private let lastingWeight = Mutex<Frame<S>?>(nil)

  init(_ step: LinearOperation, at place: OperationPlace, _ engine: Engine) throws(EngineFailure) {
    let (shape, tiling, absentNonFinite) = (place.shape, engine.tiling, engine.absentNonFinite)
    let renormalises = step.isAbsentBeyondFrame
    mask = try step.mask.map { (masked) throws(EngineFailure) in try masked.mask.mask(at: place) }
    if renormalises || step.mask != nil || absentNonFinite, !step.facts.isMean {
      throw .negativeWeights(filter: step.filter)
    }
    var beyond = 0.0
    if case .constant(let value) = step.boundary, !renormalises { beyond = value }
    values = LinearFilter(step.kernel, shape: shape, boundary: step.boundary, outside: S(beyond), tiling: tiling)
    weights = LinearFilter(
      step.kernel, shape: shape, boundary: step.boundary, outside: renormalises ? 0 : 1, tiling: tiling)
    shares = step.hasShares ? step.kernel.onlyTerm.map { WeightShares($0, shape: shape) } : nil
    masked = step.mask
    kernelSum = step.kernel.sum
    let leastWeight = step.kernel.leastWeight(unit: Double(S.ulpOfOne / 2), residual: step.facts.residual)
    self.leastWeight = max(S(leastWeight), .leastNormalMagnitude)
    self.renormalises = renormalises
    self.absentNonFinite = absentNonFinite
    self.shape = shape
  }

  /// Filters a frame, whose memory may be used again.
  #if compiler(>=6.3)
    // Else every line's way to the hot loops would ask at run time how large a scalar is: a tenth of a frame's time.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let absent = absentNonFinite ? try VoxelStatistics(of: frame, engine: runner.engine).nonFinite > 0 : false
    guard absent || mask != nil || renormalises else {
      return try values.apply(to: frame, runner: runner)
    }
    if let shares, !absent {
      let sums = try values.apply(to: frame, runner: runner)
      try shares.divide(sums, runner: runner)
      return sums
    }
    let weight = absent ? try self.weight(of: frame, runner: runner) : try wholeWeight(runner: runner)
    defer { if absent { runner.spare.giveBack(weight) } }
    let keeps = masked?.outside == .keep
    var present = frame
    if absent || mask != nil {
      if keeps { present = try runner.spare.takeFrame() }
      try separate(frame, into: present, weight: nil, finiteOnly: absent, runner: runner)
    }
    let result = try values.apply(to: present, runner: runner)
    try divide(result, by: weight, kept: keeps ? frame : nil, finiteOnly: absent, runner: runner)
    if keeps { runner.spare.giveBack(frame) }
    return result
  }

  /// filter(w) for a frame without non-finite voxels.
  private func wholeWeight(runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    try lastingWeight.withLock { known throws(EngineFailure) in
      if let known { return known }
      let weight = try self.weight(of: nil, runner: runner)
      known = weight
      return weight
    }
  }

  /// filter(w), with the non-finite voxels of `frame` absent.
  private func weight(of frame: Frame<S>?, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let ones = try runner.spare.takeFrame()
    try separate(frame ?? ones, into: nil, weight: ones, finiteOnly: frame != nil, runner: runner)
    return try weights.apply(to: ones, runner: runner)
  }

  /// Sets absent voxels to 0 in `values`, and w in `weight`.
  private func separate(
    _ frame: Frame<S>, into values: Frame<S>?, weight: Frame<S>?, finiteOnly: Bool, runner: Runner<S>
  ) throws(EngineFailure) {
    let loops = runner.loops
    let inside = mask
    try runner.forEachRun(of: shape) { run in
      let start = run.lowerBound
      let out = values.map { UnsafeMutableRawPointer($0.base + start) }
      let ones = weight.map { UnsafeMutableRawPointer($0.base + start) }
      withBytes(of: inside) { inside in
        loops.call.present(out, ones, frame.base + start, inside.map { $0 + start }, finiteOnly ? 1 : 0, run.count)
      }
    }
  }

  private func divide(
    _ result: Frame<S>, by weight: Frame<S>, kept: Frame<S>?, finiteOnly: Bool, runner: Runner<S>
  ) throws(EngineFailure) {
    let loops = runner.loops
    let minimum = max(S((masked?.minimumWeight ?? 0) * kernelSum), leastWeight)
    let gain = mask == nil && !renormalises ? S(kernelSum) : 1
    let fill: S = masked?.outside == .zero ? 0 : .nan
    let inside = mask
    try runner.forEachRun(of: shape) { run in
      let start = run.lowerBound
      withBytes(of: inside) { inside in
        withScalars(minimum, gain, fill) { minimum, gain, fill in
          var outside = chotloops_outside(
            minimum: minimum, gain: gain, fill: fill, kept: kept.map { UnsafeRawPointer($0.base + start) },
            inside: inside.map { $0 + start })
          loops.call.normalise(result.base + start, weight.base + start, run.count, &outside)
        }
      }
    }
  }
}

extension LinearOperation {
  /// Whether what lies beyond the frame has no weight.
  var isAbsentBeyondFrame: Bool {
    switch boundary {
    case .renormalise: true
    case .constant: mask != nil
    case .reflect, .mirror, .nearest, .wrap: false
    }
  }

  /// Whether only voxels beyond the frame are absent, so that a separable kernel's weight is a product of shares.
  var hasShares: Bool { boundary == .renormalise && mask == nil && kernel.onlyTerm != nil }
}

private func withBytes(of mask: Mask?, _ body: (UnsafePointer<UInt8>?) -> Void) {
  guard let mask else { return body(nil) }
  mask.withBytes { body($0) }
}
