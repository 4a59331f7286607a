import Volumes

/// A 3-D kernel as a sum whose terms share their passes along i and along k.
///
///     K = Σ_c ( Σ_a u_a ⊗ v_ac ) ⊗ w_c
///
/// The u_a and w_c are singular vectors of the unfoldings along i and k; v_ac is what the kernel is along j between the
/// two (a Tucker decomposition with two bases, doi:10.1007/BF02289464). With R different u and w this takes R passes
/// along i, R² along j and R along k, where R² separate terms would take R² of each.
struct TuckerSum {
  private let kernel: DenseKernel
  private let unfoldings: Unfoldings
  /// How many u and w to keep, from one of each to all that are more than rounding errors.
  let ranks: [(i: Int, k: Int)]

  /// - Parameter kernel: 3-D, the largest weight near 1, all finite.
  init(of kernel: DenseKernel, unfoldings: Unfoldings) {
    self.kernel = kernel
    self.unfoldings = unfoldings
    ranks = TuckerSum.ranks(i: unfoldings.spectra.i, k: unfoldings.spectra.k)
  }

  /// The bases grow by the vector that counts most, whichever it is.
  private static func ranks(i: [Double], k: [Double]) -> [(i: Int, k: Int)] {
    let counts = (i: numericalRank(i), k: numericalRank(k))
    guard counts.i > 0, counts.k > 0 else { return [] }
    var ranks = [(i: 1, k: 1)]
    while let (a, c) = ranks.last, a < counts.i || c < counts.k {
      let nextAlongI = c == counts.k || (a < counts.i && i[a] >= k[c])
      ranks.append(nextAlongI ? (a + 1, c) : (a, c + 1))
    }
    return ranks
  }

  /// The terms with the first u and w; terms of equal w stand together.
  func terms<Stop: Error>(_ ranks: (i: Int, k: Int), check: StopCheck<Stop>) throws(Stop) -> [PerAxis<Taps?>] {
    let (alongI, alongK) = try bases(ranks, check)
    let share = cubeRoot(unfoldings.spectra.k[0])
    let shape = kernel.shape
    return try Array(
      alongK.map { w throws(Stop) in
        try check()
        let plane = projected(kernel.weights, slice: shape.slice, along: w)
        return alongI.map { u in
          let between = (0..<shape.j).map { j in
            (0..<shape.i).reduce(0) { $0 + u[$1] * plane[j * shape.i + $1] } / (share * share)
          }
          return kernel.term(of: [(.i, u.map { $0 * share }), (.j, between), (.k, w.map { $0 * share })])
        }
      }.joined())
  }

  /// The best u and w for each other: where vectors are left out, the singular vectors of the whole unfoldings are a
  /// start, and taking turns improves on them (De Lathauwer et al. 2000, doi:10.1137/S0895479898346995).
  private func bases<Stop: Error>(
    _ ranks: (i: Int, k: Int), _ check: StopCheck<Stop>
  ) throws(Stop) -> (i: [[Double]], k: [[Double]]) {
    var alongI = Array(unfoldings.bases.i.prefix(ranks.i))
    var alongK = Array(unfoldings.bases.k.prefix(ranks.k))
    let last = self.ranks[self.ranks.count - 1]
    // Two turns: a third changed no count of terms among spheres, Gabor and random kernels.
    for _ in 0..<(ranks == last ? 0 : 2) {
      alongI = try leading(ranks.i, .i, of: compressed(alongK, .k), check)
      alongK = try leading(ranks.k, .k, of: compressed(alongI, .i), check)
    }
    return (alongI.map(largestPositive), alongK.map(largestPositive))
  }

  /// The kernel with one axis replaced by its coordinates in a basis.
  private func compressed(_ basis: [[Double]], _ axis: Axis) -> (weights: [Double], shape: [Int]) {
    let lines = unfolding(of: kernel.weights, shape: kernel.shape, along: axis)
    let coordinates = (0..<lines.columns).map { column in
      let line = lines.column(column)
      return basis.map { vector in zip(vector, line).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let others = Axis.allCases.filter { $0 != axis }.map { kernel.shape[$0] }
    // Coordinates slowest, so that the other two axes keep their order.
    let weights = basis.indices.flatMap { index in coordinates.map { $0[index] } }
    return (weights, others + [basis.count])
  }

  /// The first singular vectors along an axis of what `compressed` left. It is the first axis (i, after k was
  /// compressed) or the second (k, after i was).
  private func leading<Stop: Error>(
    _ count: Int, _ axis: Axis, of compressed: (weights: [Double], shape: [Int]), _ check: StopCheck<Stop>
  ) throws(Stop) -> [[Double]] {
    let place: Axis = axis == .i ? .i : .j
    guard let shape = Shape(i: compressed.shape[0], j: compressed.shape[1], k: compressed.shape[2]) else { return [] }
    let split = try SingularValues(
      of: unfolding(of: compressed.weights, shape: shape, along: place), check: check)
    return Array(split.left.prefix(count))
  }
}

/// How many singular values are more than the rounding errors of the first.
func numericalRank(_ spectrum: [Double]) -> Int {
  spectrum.count { $0 > Double(spectrum.count) * .ulpOfOne * (spectrum.first ?? 0) }
}
