import Volumes

/// What became of a kernel: outer products to run as passes, or the kernel itself; with error, cost and reason.
package struct Factorisation: Sendable, Equatable {
  package enum Method: String, Sendable {
    /// One outer product: at most one pass per axis.
    case separable
    /// A sum of outer products.
    case rankR = "rank-r"
    /// The kernel as it is.
    case dense
  }

  /// Why the method was chosen. Costs are estimates in nanoseconds per voxel, see `PassCosts`.
  package enum Reason: Sendable, Equatable {
    /// An outer product, exactly or within the tolerance.
    case outerProduct
    /// A sum within the tolerance costs less than the dense kernel.
    case sumIsCheaper(sum: Double, dense: Double)
    /// The cheapest sum within the tolerance that was found has so many terms that it costs more.
    case denseIsCheaper(terms: Int, sum: Double, dense: Double)
    /// No sum that could be cheaper than the dense kernel is within the tolerance.
    case noSumWithinTolerance(dense: Double)
    /// Some weight is NaN or infinite.
    case notFinite
  }

  package internal(set) var method: Method
  package internal(set) var reason: Reason
  /// The outer products whose sum is the kernel; none when the method is `dense`. An axis without taps needs no pass:
  /// there the term has the single weight 1, on the output voxel.
  package internal(set) var terms: [PerAxis<Taps?>]
  /// The terms are integers and their sum was found equal to the kernel, weight for weight.
  package internal(set) var isInteger = false
  /// The kernel is a matrix of integers times this constant, which the last pass carries; the other passes are integers.
  package internal(set) var constant: Double?
  /// The singular values of each unfolding, falling: the weights along an axis × all others. None along an axis of
  /// length 1. None at all when a weight is not finite.
  package let spectra: PerAxis<[Double]>
  /// How many outer products are needed, at least: the largest rank of an unfolding under the tolerance. 0 for zeros, 1
  /// for an outer product, otherwise 2 or more. For 2-D kernels that many do suffice.
  package let rank: Int
  /// Σ|K − K̂|: times the largest |x| in reach, no output is farther from the dense kernel's. Rounding comes on top, see
  /// `roundingBound`.
  package internal(set) var bound: Double
  /// Multiplications per voxel, as a dense kernel.
  package let multipliesBefore: Int

  /// Multiplications per voxel, as it runs.
  package var multipliesAfter: Int {
    method == .dense ? multipliesBefore : SharedPasses(terms).multiplies
  }

  /// The spectrum that decides.
  package var singularValues: [Double] { spectra.deciding }
}

extension PerAxis where Value == [Double] {
  /// Of the spectra of unfolded weights, that which is farthest from an outer product's.
  package var deciding: [Double] { array.filter { !$0.isEmpty }.max { $0.tail < $1.tail } ?? [] }
}

extension [Double] {
  /// The second singular value in units of the first: 0 for an outer product.
  fileprivate var tail: Double { count > 1 && self[0] > 0 ? self[1] / self[0] : 0 }
}
