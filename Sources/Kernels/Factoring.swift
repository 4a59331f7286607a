import Volumes

/// From a dense kernel to the cheapest exact, or nearly exact, way to apply it.
package enum Factoring {
  /// Writes a kernel as an outer product of 1-D kernels, if it is one.
  ///
  /// A product of integers is found exactly, and its factors are integers. Of the other kernels, those count as an
  /// outer product K̂ for which the second singular value is at most `tolerance` times the first and Σ|K − K̂| is at
  /// most `tolerance` · Σ|K|; their factors have equal norms. Both tests are relative: a kernel in other units factors
  /// alike. The largest element of each factor but the last is positive.
  ///
  /// A kernel with a weight that is not finite stays dense. Cost: see `SingularValues`; a full 31×31×31 kernel takes
  /// some 40 ms, one of 63×63×63 0.4 s.
  package static func factor(_ kernel: DenseKernel, tolerance: Double) -> Factorisation {
    guard kernel.weights.allSatisfy(\.isFinite) else { return dense(kernel, rank: 2, singularValues: []) }
    let nearest = LeadingTerm(of: kernel)
    let spectrum = nearest.spectra.first { !isSingle($0, tolerance: tolerance) } ?? nearest.spectra[0]
    if let factors = integerFactors(of: kernel) {
      return separable(
        kernel, factors.map { $0.map(Double.init) }, isInteger: true, singularValues: spectrum, bound: 0)
    }
    guard isSingle(spectrum, tolerance: tolerance), nearest.relativeResidual <= tolerance else {
      let counted = spectrum.count { $0 > tolerance * spectrum[0] }
      return dense(kernel, rank: max(counted, 2), singularValues: spectrum)
    }
    return separable(
      kernel, nearest.factors, isInteger: false, singularValues: spectrum, bound: nearest.residual)
  }

  /// Whether the first singular value is all that counts.
  private static func isSingle(_ spectrum: [Double], tolerance: Double) -> Bool {
    spectrum.count < 2 || spectrum[1] <= tolerance * spectrum[0]
  }

  private static func separable(
    _ kernel: DenseKernel, _ factors: PerAxis<[Double]>, isInteger: Bool, singularValues: [Double], bound: Double
  ) -> Factorisation {
    Factorisation(
      method: .separable, terms: [term(of: factors, origin: kernel.origin)], isInteger: isInteger,
      rank: kernel.weights.allSatisfy { $0 == 0 } ? 0 : 1, singularValues: singularValues, bound: bound,
      multipliesBefore: kernel.weights.count)
  }

  private static func dense(_ kernel: DenseKernel, rank: Int, singularValues: [Double]) -> Factorisation {
    Factorisation(
      method: .dense, terms: [], isInteger: false, rank: rank, singularValues: singularValues, bound: 0,
      multipliesBefore: kernel.weights.count)
  }

  /// The factors as passes. A factor that is the weight 1 on the output voxel changes nothing and gets none; the same
  /// weight beside the output voxel is a shift, and does.
  private static func term(of factors: PerAxis<[Double]>, origin: PerAxis<Int>) -> PerAxis<Taps?> {
    var term = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where factors[axis] != [1] || origin[axis] != 0 {
      term[axis] = Taps(weights: factors[axis], origin: origin[axis])
    }
    return term
  }
}
