import Volumes

extension AnalyticKernel {
  /// The singular values of each unfolding, as a factorisation has them; none when several terms would make a block of
  /// more weights than `limit`.
  ///
  /// One outer product has one singular value, the product of its factors' norms, however large the kernel is.
  package func spectra(atMost limit: Int) -> PerAxis<[Double]> {
    var spectra = PerAxis<[Double]>(all: [])
    guard terms.count > 1 else {
      let lengths = reach.map(\.count)
      let value = terms.first.map { $0.array.reduce(1) { $0 * norm($1?.weights ?? [1]) } } ?? 0
      for axis in Axis.allCases where lengths[axis] > 1 { spectra[axis] = [value] }
      return spectra.array.allSatisfy(\.isEmpty) ? PerAxis([value], [], []) : spectra
    }
    guard let dense = dense(atMost: limit), dense.weights.allSatisfy(\.isFinite) else { return spectra }
    let near = KernelNearOne(dense)
    return Unfoldings(of: near.kernel.weights, shape: dense.shape).spectra.map { $0.map(near.restored) }
  }
}
