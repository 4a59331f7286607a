import Volumes

extension AnalyticKernel {
  /// The singular values of each unfolding that are not 0, as a factorisation has them.
  ///
  /// The block of weights is not built. In an orthonormal basis of the terms' factors along each axis, the kernel is a
  /// core of at most terms × terms × terms numbers, and turning the axes does not change singular values.
  package var spectra: PerAxis<[Double]> {
    let lengths = reach.map(\.count)
    let long = Axis.allCases.filter { lengths[$0] > 1 }
    guard let core, core.weights.allSatisfy(\.isFinite) else { return PerAxis(all: []) }
    let near = KernelNearOne(core)
    let unfoldings = Unfoldings(of: near.kernel.weights, shape: core.shape)
    var spectra = PerAxis<[Double]>(all: [])
    for axis in long.isEmpty ? [.i] : long {
      // Along an axis where all terms have the same factor there is one value, the size of the whole.
      let values = core.shape[axis] > 1 ? unfoldings.spectra[axis] : [norm(near.kernel.weights)]
      spectra[axis] = values.prefix(max(1, numericalRank(values))).map(near.restored)
    }
    return spectra
  }

  /// The kernel in bases of its factors.
  private var core: DenseKernel? {
    let factors = Axis.allCases.map(coordinates)
    let counts = factors.map { $0.first?.count ?? 0 }
    guard let shape = Shape(i: counts[0], j: counts[1], k: counts[2]) else { return nil }
    let weights = (0..<shape.count).map { index in
      let position = shape.position(of: index)
      return terms.indices.reduce(0) { sum, term in
        sum + factors[0][term][position.i] * factors[1][term][position.j] * factors[2][term][position.k]
      }
    }
    return DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: 0))
  }

  /// Each term's factor along an axis, in an orthonormal basis of all of them.
  private func coordinates(along axis: Axis) -> [[Double]] {
    let reach = reach[axis]
    let columns = terms.flatMap { term in reach.map { Taps.weight(of: term[axis], at: $0) } }
    let split = SingularValues(of: Matrix(rows: reach.count, columns: terms.count, elements: columns))
    let rank = max(1, numericalRank(split.values))
    return terms.indices.map { term in (0..<rank).map { split.values[$0] * split.right[$0][term] } }
  }
}
