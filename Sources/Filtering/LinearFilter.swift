import Kernels
import Volumes

/// A kernel with its boundary, ready to run on frames of one shape.
enum LinearFilter<S: ComputeScalar>: Sendable {
  case separable(SeparableFilter<S>)
  case dense(DenseFilter<S>)

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ kernel: LinearKernel, shape: Shape, boundary: Boundary, outside: S, lanes: Int) {
    switch kernel {
    case .separable(let terms):
      self = .separable(
        SeparableFilter(terms, shape: shape, boundary: boundary, outside: outside, lanes: lanes))
    case .dense(let kernel):
      self = .dense(DenseFilter(kernel, shape: shape, boundary: boundary, outside: outside, lanes: lanes))
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

  /// How far rounding may take a filtered weight from the truth: nothing for products of weights above 0, whose sums
  /// are 0 only if no voxel is there; more for terms that cancel.
  func weightNoise(unit: Double) -> Double {
    guard case .separable(let terms) = self, terms.count > 1 else { return 0 }
    return roundingBound(of: terms.map(\.passes), unit: unit)
  }

  /// Whether the weights are those of a mean: none is negative, and some are positive.
  ///
  /// Of a sum of terms only the total is looked at: terms that approximate a kernel have negative parts that cancel,
  /// and whoever factored the kernel has seen its weights.
  var hasMeans: Bool {
    switch self {
    case .separable(let terms) where terms.count == 1:
      sum > 0 && terms[0].taps.allSatisfy { $0.weights.allSatisfy { $0 >= 0 } }
    case .separable: sum > 0
    case .dense(let kernel): sum > 0 && kernel.weights.allSatisfy { $0 >= 0 }
    }
  }
}
