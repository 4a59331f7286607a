import Volumes

/// From a dense kernel to the cheapest exact, or nearly exact, way to apply it.
package enum Factoring {
  /// Takes a kernel apart.
  ///
  /// A product of integers, or of integers and one constant, is found exactly, and its factors are integers. Of the
  /// other kernels, those count as an outer product K̂ for which the second singular value is at most `tolerance` times
  /// the first and Σ|K − K̂| is at most `tolerance` · Σ|K|. What is no outer product becomes a sum of them, if one within
  /// the tolerance costs less than the dense kernel. All tests are relative: a kernel in other units comes apart alike.
  ///
  /// The factors of an outer product have equal norms, and the largest element of each but the last is positive.
  ///
  /// A kernel with a weight that is not finite stays dense. Cost: see `SingularValues`; a full 15×15×15 kernel takes some
  /// 10 ms, one of 63×63×63 some seconds.
  package static func factor(_ kernel: DenseKernel, tolerance: Double) -> Factorisation {
    factor(kernel, tolerance: tolerance, check: neverStopped)
  }

  /// The same, for kernels that take minutes, such as 1000×1000 weights without structure.
  ///
  /// - Parameter check: asked several times a second.
  package static func factor<Stop: Error>(
    _ kernel: DenseKernel, tolerance: Double, check: StopCheck<Stop>
  ) throws(Stop) -> Factorisation {
    guard kernel.weights.allSatisfy(\.isFinite) else {
      return .dense(kernel, .notFinite, spectra: PerAxis(all: []), rank: 2)
    }
    let near = KernelNearOne(kernel)
    let unfoldings = try Unfoldings(of: near.kernel.weights, shape: kernel.shape, check: check)
    let spectra = unfoldings.spectra.map { $0.map(near.restored) }
    let rank =
      unfoldings.spectra.array.map { spectrum in
        spectrum.count { $0 > tolerance * (spectrum.first ?? 0) }
      }.max() ?? 0
    if let product = exactProduct(kernel, tolerance: tolerance, spectra: spectra) { return product }
    let nearest = try LeadingTerm(of: kernel, check: check)
    if rank < 2, nearest.relativeResidual <= tolerance {
      return Factorisation(
        method: .separable, reason: .outerProduct,
        terms: [kernel.term(of: nearest.factors)], spectra: spectra, rank: rank,
        bound: nearest.residual, multipliesBefore: kernel.weights.count)
    }
    return try cheapest(near, unfoldings, tolerance: tolerance, spectra: spectra, rank: max(rank, 2), check)
  }

  /// Σ|K − K̂|, K̂ being what the terms come to.
  package static func residual(of terms: [PerAxis<Taps?>], for kernel: DenseKernel) -> Double {
    TermSum(terms, for: kernel).residual
  }

  /// A product of integer vectors, times a constant if there is one.
  private static func exactProduct(
    _ kernel: DenseKernel, tolerance: Double, spectra: PerAxis<[Double]>
  ) -> Factorisation? {
    let rank = kernel.weights.allSatisfy { $0 == 0 } ? 0 : 1
    var found = Factorisation(
      method: .separable, reason: .outerProduct, terms: [], isInteger: true, spectra: spectra, rank: rank, bound: 0,
      multipliesBefore: kernel.weights.count)
    if let factors = integerFactors(of: kernel) {
      found.terms = [kernel.term(of: factors.map { $0.map(Double.init) })]
      return found
    }
    guard let common = CommonConstant(of: kernel.weights) else { return nil }
    let integers = DenseKernel(shape: kernel.shape, weights: common.integers, origin: kernel.origin)
    guard let factors = integerFactors(of: integers) else { return nil }
    let last = kernel.shape.factoredAxes.last ?? .i
    var taps = factors.map { $0.map(Double.init) }
    taps[last] = taps[last].map(common.weight)
    let sum = TermSum([kernel.term(of: taps)], for: kernel)
    guard sum.residual <= tolerance * absoluteSum(kernel.weights) else { return nil }
    found.terms = sum.terms
    found.isInteger = false
    found.constant = common.value
    found.bound = sum.residual
    return found
  }

  /// The cheapest sum of terms that was found within the tolerance, whether or not the dense kernel costs less.
  ///
  /// - Parameter kernel: weights are finite.
  package static func sum(of kernel: DenseKernel, tolerance: Double) -> [PerAxis<Taps?>]? {
    let near = KernelNearOne(kernel)
    let unfoldings = Unfoldings(of: near.kernel.weights, shape: kernel.shape)
    return sum(of: near, unfoldings, tolerance: tolerance, neverStopped).map { near.restored($0.found.terms) }
  }

  private static func sum<Stop: Error>(
    of near: KernelNearOne, _ unfoldings: Unfoldings, tolerance: Double, _ check: StopCheck<Stop>
  ) throws(Stop) -> (found: TermSum, cost: Double)? {
    let limit = tolerance * absoluteSum(near.kernel.weights)
    let sums = try TermSearch(near.kernel, unfoldings, limit: limit).sums(check: check)
    return sums.map { ($0, PassCosts.sum(SharedPasses($0.terms))) }.min { $0.1 < $1.1 }
  }

  /// The cheapest sum, if it is cheaper than the dense kernel; else the dense kernel.
  private static func cheapest<Stop: Error>(
    _ near: KernelNearOne, _ unfoldings: Unfoldings, tolerance: Double, spectra: PerAxis<[Double]>, rank: Int,
    _ check: StopCheck<Stop>
  ) throws(Stop) -> Factorisation {
    let dense = PassCosts.dense(near.kernel.shape)
    guard let (sum, cost) = try sum(of: near, unfoldings, tolerance: tolerance, check) else {
      return .dense(near.original, .noSumWithinTolerance(dense: dense), spectra: spectra, rank: rank)
    }
    guard cost < dense else {
      let reason = Factorisation.Reason.denseIsCheaper(terms: sum.terms.count, sum: cost, dense: dense)
      return .dense(near.original, reason, spectra: spectra, rank: rank)
    }
    let terms = near.restored(sum.terms)
    let taps = terms.flatMap { $0.array.compactMap { $0?.weights }.joined() }
    return Factorisation(
      method: .rankR, reason: .sumIsCheaper(sum: cost, dense: dense), terms: terms,
      isInteger: sum.residual == 0 && taps.allSatisfy { $0 == $0.rounded() }, spectra: spectra, rank: rank,
      bound: near.restored(sum.residual), multipliesBefore: near.kernel.weights.count)
  }
}

extension Factorisation {
  fileprivate static func dense(
    _ kernel: DenseKernel, _ reason: Reason, spectra: PerAxis<[Double]>, rank: Int
  ) -> Factorisation {
    Factorisation(
      method: .dense, reason: reason, terms: [], spectra: spectra, rank: rank, bound: 0,
      multipliesBefore: kernel.weights.count)
  }
}

/// Σ|weight|.
func absoluteSum(_ weights: [Double]) -> Double { weights.reduce(0) { $0 + $1.magnitude } }
