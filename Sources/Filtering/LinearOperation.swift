import Kernels
import Volumes

/// A linear filter: a kernel, what lies beyond the frame, and inside which mask it works.
package struct LinearOperation: Operation {
  package var filter: String
  package var kernel: LinearKernel
  package var boundary: Boundary
  /// The absent voxels of a normalised convolution: those outside the mask, if there is one.
  package var mask: MaskedConvolution?
  package var facts: KernelFacts

  /// - Parameter facts: `nil` for a kernel that was not factorised.
  package init(
    filter: String, kernel: LinearKernel, boundary: Boundary, mask: MaskedConvolution? = nil,
    facts: KernelFacts? = nil
  ) {
    self.filter = filter
    self.kernel = kernel
    self.boundary = boundary
    self.mask = mask
    self.facts = facts ?? KernelFacts(isMean: kernel.isPositive, residual: 0)
  }

  package func output(for layout: Layout) -> Layout { layout }

  package var companions: [Companion] { mask?.mask.companion.map { [$0] } ?? [] }

  package var residentBytes: Int { mask?.mask.residentBytes ?? 0 }

  package func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) throws(EngineFailure) -> PreparedOperation<S> {
    .frames(try NormalisedFilter<S>(self, at: place, engine))
  }
}

/// What is known about a kernel after it was factorised, and its terms do not show: terms that approximate weights above
/// 0 have negative parts, which cancel.
package struct KernelFacts: Hashable, Sendable {
  /// The kernel's weights are those of a mean: none is negative, and some are positive. Only such weights have sums that
  /// can be divided by.
  package var isMean: Bool
  /// Σ|K − K̂|, K being the kernel and K̂ the sum of its terms.
  package var residual: Double

  package init(isMean: Bool, residual: Double) {
    self.isMean = isMean
    self.residual = residual
  }
}

package enum LinearKernel: Sendable {
  /// Terms are added in their order; a term's passes run in the order i, j, k.
  case separable([SeparableTerm])
  case dense(DenseKernel)
}

/// One outer product: at most one pass per axis; an axis without taps is left alone.
package struct SeparableTerm: Hashable, Sendable {
  package var passes: PerAxis<Taps?>

  package init(_ passes: PerAxis<Taps?>) { self.passes = passes }

  /// The passes that are there, in their order.
  var taps: [Taps] { passes.array.compactMap(\.self) }
}

/// Normalised convolution inside a mask: filter(x · m) / filter(m).
package struct MaskedConvolution: Sendable {
  package enum Outside: String, CaseIterable, Sendable { case keep, zero, nan }

  package var mask: MaskSource
  package var outside: Outside
  /// Where the filtered mask is below this share of the kernel's sum, the voxel counts as outside.
  package var minimumWeight: Double

  package init(mask: MaskSource, outside: Outside, minimumWeight: Double) {
    self.mask = mask
    self.outside = outside
    self.minimumWeight = minimumWeight
  }
}

// MARK: - Scope

extension LinearOperation {
  package func scope(in engine: Engine) -> Scope {
    let reach = kernel.reach
    // Whether any voxel of a frame is absent decides how all of it is filtered.
    let needsWholeFrame = engine.absentNonFinite || boundary == .wrap && reach.k > 0
    return .neighbourhood(Halo(reach, needsWholeFrame: needsWholeFrame))
  }
}

extension LinearKernel {
  fileprivate var reach: PerAxis<Int> {
    PerAxis(Axis.i, .j, .k).map { axis in
      switch self {
      case .separable(let terms): terms.compactMap { $0.passes[axis]?.reach }.max() ?? 0
      case .dense(let kernel): max(kernel.origin[axis], kernel.shape[axis] - 1 - kernel.origin[axis])
      }
    }
  }
}

extension Taps {
  /// An origin may lie outside.
  fileprivate var reach: Int { max(origin, count - 1 - origin) }
}

// MARK: - Recipe

extension LinearOperation {
  /// The filter's name does not matter, only what it does.
  package func describe(in recipe: inout RecipeDigest) {
    recipe.add("linear \(boundary.name)")
    if case .constant(let value) = boundary { recipe.add(value) }
    switch kernel {
    case .separable(let terms):
      recipe.add("terms \(terms.count)")
      for term in terms { Axis.allCases.forEach { recipe.add(term.passes[$0]) } }
      // It says which weights of a sum are too small to divide by.
      if terms.count > 1 { recipe.add(facts.residual) }
    case .dense(let kernel):
      recipe.add("dense \(kernel.shape) \(kernel.origin.array)")
      kernel.weights.forEach { recipe.add($0) }
    }
    if let mask {
      if case .constant = boundary, recipe.rule == .today { recipe.add("beyond the volume is outside") }
      recipe.add("inside \(mask.outside.rawValue)")
      recipe.add(mask.minimumWeight)
      recipe.add(mask.mask)
    }
  }
}

extension RecipeDigest {
  fileprivate mutating func add(_ taps: Taps?) {
    add("taps \(taps?.count ?? 0) \(taps?.origin ?? 0)")
    taps?.weights.forEach { add($0) }
  }
}
