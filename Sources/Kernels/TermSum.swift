import Volumes

/// A kernel, or nearly so, as a sum of terms.
struct TermSum {
  /// An axis without taps is the weight 1 on the output voxel.
  var terms: [PerAxis<Taps?>]
  /// Σ|K − K̂|, K̂ being what the terms come to as they are, rounded.
  private(set) var residual: Double

  init(_ terms: [PerAxis<Taps?>], for kernel: DenseKernel) { self.init(terms, for: kernel, check: neverStopped) }

  init<Stop: Error>(_ terms: [PerAxis<Taps?>], for kernel: DenseKernel, check: StopCheck<Stop>) throws(Stop) {
    self.terms = terms
    let total = try summed(terms, like: kernel, check)
    residual = zip(kernel.weights, total).reduce(0) { $0 + ($1.0 - $1.1).magnitude }
  }
}

/// What the terms come to, weight by weight, added in their order. Their taps lie within the kernel.
private func summed<Stop: Error>(
  _ terms: [PerAxis<Taps?>], like kernel: DenseKernel, _ check: StopCheck<Stop>
) throws(Stop) -> [Double] {
  var total = Array(repeating: 0.0, count: kernel.weights.count)
  for term in terms {
    try check()
    var factors = PerAxis<[Double]>(all: [1])
    var start = kernel.origin
    for axis in Axis.allCases {
      guard let taps = term[axis] else { continue }
      factors[axis] = taps.weights
      start[axis] = kernel.origin[axis] - taps.origin
    }
    for (k, atK) in factors.k.enumerated() {
      for (j, atJ) in factors.j.enumerated() {
        let line = kernel.shape.index(of: PerAxis(start.i, start.j + j, start.k + k))
        for (i, atI) in factors.i.enumerated() { total[line + i] += atI * atJ * atK }
      }
    }
  }
  return total
}

extension PerAxis where Value == Taps? {
  /// The term times 2^power, shared out among its passes alike, so that passes that terms have in common stay so. Exact
  /// unless a tap becomes subnormal or too large. A term without passes is the weight 1 and gets one along i.
  func scaled(byPowerOfTwo power: Int) -> PerAxis {
    guard power != 0 else { return self }
    var scaled = self
    let axes = Axis.allCases.filter { self[$0] != nil }
    guard let last = axes.last else {
      scaled.i = Taps(weights: [Double(sign: .plus, exponent: power, significand: 1)], origin: 0)
      return scaled
    }
    let share = power / axes.count
    for axis in axes {
      guard let taps = self[axis] else { continue }
      let own = axis == last ? power - share * (axes.count - 1) : share
      scaled[axis] = Taps(
        weights: taps.weights.map { Double(sign: .plus, exponent: own, significand: $0) }, origin: taps.origin)
    }
    return scaled
  }
}
