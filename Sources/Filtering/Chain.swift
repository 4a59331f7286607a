import Kernels
import Volumes

/// What is done to every frame of a scan, in order. Everything in it is resolved: voxels, not mm; weights, not names.
package struct Chain: Sendable {
  package var steps: [Step]

  package init(steps: [Step]) { self.steps = steps }

  /// Whether a sum of several terms is divided by its weight. The terms of such a sum cancel, so a small weight has a
  /// large relative error, and whoever divides by it had better compute in Double.
  ///
  /// - Parameter absentNonFinite: as for `Engine.apply`.
  package func dividesSums(absentNonFinite: Bool) -> Bool {
    steps.contains { step in
      guard case .linear(let step) = step, case .separable(let terms) = step.kernel, terms.count > 1 else {
        return false
      }
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

  package init(filter: String, kernel: LinearKernel, boundary: Boundary, mask: MaskedConvolution? = nil) {
    self.filter = filter
    self.kernel = kernel
    self.boundary = boundary
    self.mask = mask
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
