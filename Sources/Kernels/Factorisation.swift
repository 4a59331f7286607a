import Volumes

/// What became of a kernel: outer products to run as passes, or the kernel itself; with error and cost.
package struct Factorisation: Sendable, Equatable {
  package enum Method: String, Sendable {
    /// One outer product: at most one pass per axis.
    case separable
    /// The kernel as it is.
    case dense
  }

  package let method: Method
  /// The outer products whose sum is the kernel; none when the method is `dense`. An axis without taps needs no pass:
  /// there the kernel has the single weight 1, on the output voxel.
  package let terms: [PerAxis<Taps?>]
  /// The terms are integers and their product was found equal to the kernel, weight for weight.
  package let isInteger: Bool
  /// How many outer products are needed, at least: 0 for zeros, 1 for a separable kernel; otherwise the number of
  /// `singularValues` that count under the tolerance, and 2 or more. For 2-D kernels that many do suffice.
  package let rank: Int
  /// Of the kernel as a matrix whose columns lie along its first axis longer than 1 (i × j·k for a 3-D kernel),
  /// falling. Where this matrix has rank 1 but the j × k kernel that it leaves has not, of the latter.
  package let singularValues: [Double]
  /// Σ|K − K̂|: times the largest |x| in reach, no output is farther from the dense kernel's. Rounding, of the taps to
  /// Float and in the arithmetic, comes on top.
  package let bound: Double
  /// Multiplications per voxel, as a dense kernel.
  package let multipliesBefore: Int
  /// Multiplications per voxel, as factored.
  package var multipliesAfter: Int {
    guard method == .separable else { return multipliesBefore }
    return terms.reduce(0) { sum, term in term.array.reduce(sum) { $0 + ($1?.count ?? 0) } }
  }
}
