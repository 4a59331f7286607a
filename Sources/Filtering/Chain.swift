import Kernels
import Volumes

/// What is done to every frame of a scan, in order. Everything in it is resolved: voxels, not mm; weights, not names.
package struct Chain: Sendable {
  package var steps: [Step]

  package init(steps: [Step]) { self.steps = steps }

  /// Whether a sum of terms that cancel is divided by its weight. A small weight of such a sum has a large relative
  /// error, so whoever divides by it had better compute in Double.
  ///
  /// - Parameter absentNonFinite: as for `Engine.apply`.
  package func dividesSums(absentNonFinite: Bool) -> Bool {
    steps.contains { step in
      guard case .linear(let step) = step, step.kernel.cancels else { return false }
      return step.boundary == .renormalise || step.mask != nil || absentNonFinite
    }
  }
}

package enum Step: Sendable {
  case linear(LinearStep)
  case pointwise(PointwiseStep)
}

/// A linear filter, ready to run.
package struct LinearStep: Sendable {
  /// The filter's name in the job file.
  package var filter: String
  package var kernel: LinearKernel
  package var boundary: Boundary
  /// The absent voxels of a normalised convolution: those outside the mask, if there is one.
  package var mask: MaskedConvolution?
  package var facts: KernelFacts

  /// - Parameter facts: `nil` for a kernel that was not factored.
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
}

/// What whoever factored a kernel knows about it, and its terms do not show: terms that approximate weights above 0 have
/// negative parts, which cancel.
package struct KernelFacts: Hashable, Sendable {
  /// The kernel's weights are those of a mean: none is negative, and some are positive. Only such weights have sums that
  /// can be divided by.
  package var isMean: Bool
  /// Σ|K − K̂|, K being the kernel and K̂ what its terms come to.
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
}

/// Normalised convolution inside a mask: filter(x · m) / filter(m).
package struct MaskedConvolution: Sendable {
  package enum Outside: String, CaseIterable, Sendable { case keep, zero, nan }

  package var mask: Mask
  package var outside: Outside
  /// Where the filtered mask is below this share of the kernel's sum, the voxel counts as outside.
  package var minimumWeight: Double

  package init(mask: Mask, outside: Outside, minimumWeight: Double) {
    self.mask = mask
    self.outside = outside
    self.minimumWeight = minimumWeight
  }
}

/// Which voxels of a frame are in: one byte per voxel, 0 or 1.
package struct Mask: Sendable {
  package let shape: Shape
  package let inside: [UInt8]

  package init(shape: Shape, inside: [UInt8]) {
    self.shape = shape
    self.inside = inside
  }
}

/// A filter that looks at one voxel at a time.
package enum PointwiseStep: Sendable {
  /// x · slope + intercept, one fused multiply-add.
  case scale(slope: Double, intercept: Double)
  /// Values below `lower` become `lower`, above `upper` become `upper`; NaN stays NaN.
  case clamp(lower: Double?, upper: Double?)
  /// Values below `lower` or above `upper` become `outside`; NaN stays NaN.
  case threshold(lower: Double?, upper: Double?, outside: Double)
  /// Voxels outside the mask become 0.
  case mask(Mask)
}
