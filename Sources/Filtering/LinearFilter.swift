import Kernels
import Volumes

/// A kernel with its boundary, ready to run on frames of one shape.
enum LinearFilter<S: ComputeScalar>: Sendable {
  case separable(SeparableFilter<S>)
  case dense(DenseFilter<S>)

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ kernel: LinearKernel, shape: Shape, boundary: Boundary, outside: S, tiling: Tiling) {
    switch kernel {
    case .separable(let terms):
      self = .separable(
        SeparableFilter(terms, shape: shape, boundary: boundary, outside: outside, tiling: tiling))
    case .dense(let kernel):
      self = .dense(DenseFilter(kernel, shape: shape, boundary: boundary, outside: outside, tiling: tiling))
    }
  }

  /// Filters `source`, whose memory is used again.
  func apply(to source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    switch self {
    case .separable(let filter): try filter.apply(to: source, runner: runner)
    case .dense(let filter): try filter.apply(to: source, runner: runner)
    }
  }
}

extension LinearKernel {
  /// The sum of all weights.
  var sum: Double {
    switch self {
    case .separable(let terms):
      terms.reduce(0) { sum, term in
        sum + term.taps.reduce(1) { $0 * $1.sum }
      }
    case .dense(let kernel): kernel.weights.reduce(0, +)
    }
  }

  /// The term of a kernel that is one outer product.
  var onlyTerm: SeparableTerm? {
    guard case .separable(let terms) = self, terms.count == 1 else { return nil }
    return terms[0]
  }

  /// Whether all weights come from numbers above or at 0, and some are positive.
  var isPositive: Bool {
    switch self {
    case .separable(let terms): sum > 0 && !terms.contains { $0.hasNegativeTaps }
    case .dense(let kernel): sum > 0 && kernel.weights.allSatisfy { $0 >= 0 }
    }
  }

  /// Whether terms may cancel, so that a sum of a few weights can be far smaller than what it is made of.
  var cancels: Bool {
    guard case .separable(let terms) = self else { return false }
    return terms.count > 1 && terms.contains { $0.hasNegativeTaps }
  }

  /// A filtered weight below this is none. Where nothing cancels, a weight is 0 only if no voxel is there, and any other
  /// can be divided by. Where terms cancel, it has to be large enough to be right to a millionth (half the digits of
  /// Float), and larger than what the terms are beside the kernel: otherwise noise would be divided by noise.
  ///
  /// - Parameter unit: of the scalar that it is computed in, 2⁻²⁴ for Float and 2⁻⁵³ for Double.
  func leastWeight(unit: Double, residual: Double) -> Double {
    guard cancels, case .separable(let terms) = self else { return 0 }
    let accuracy = max(1e-6, unit.squareRoot())
    return residual + roundingBound(of: terms.map(\.passes), unit: unit) / accuracy
  }
}

extension SeparableTerm {
  fileprivate var hasNegativeTaps: Bool { taps.contains { $0.weights.contains { $0 < 0 } } }
}
