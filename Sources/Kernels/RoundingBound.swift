import Volumes

/// The most that rounding can add to an output, as a multiple of the largest |x| in reach: γₙ · A, where n counts the
/// roundings on the way of a voxel, γₙ = n·u / (1 − n·u), and A = Σ over terms of the products of Σ|taps| (Higham 2002,
/// section 3.1, doi:10.1137/1.9780898718027). It contains the rounding of the taps to the scan's scalar.
///
/// - Parameter unit: u, 2⁻²⁴ for Float and 2⁻⁵³ for Double.
package func roundingBound(of terms: [PerAxis<Taps?>], unit: Double) -> Double {
  let passes = SharedPasses(terms)
  let sums = passes.groups.count + (passes.groups.map(\.planes.count).max() ?? 0) - 2
  let longest = terms.map { $0.array.reduce(0) { $0 + ($1.map { $0.count + 1 } ?? 0) } }.max() ?? 0
  let size = terms.reduce(0) { $0 + $1.array.reduce(1) { $0 * ($1?.absoluteSum ?? 1) } }
  return gamma(Double(longest + max(sums, 0)), unit: unit) * size
}

/// The same of a kernel that runs as it is.
package func roundingBound(of kernel: DenseKernel, unit: Double) -> Double {
  gamma(Double(kernel.weights.count + 1), unit: unit) * absoluteSum(kernel.weights)
}

/// γₙ; infinite where the theory ends.
private func gamma(_ roundings: Double, unit: Double) -> Double {
  roundings * unit < 1 ? roundings * unit / (1 - roundings * unit) : .infinity
}
