/// Lindeberg's discrete Gaussian T(n, t) = e⁻ᵗ Iₙ(t), of variance t; the kernel of diffusion on the grid.
///
/// T. Lindeberg, Scale-space for discrete signals, doi:10.1109/34.49051.
struct DiscreteGaussian {
  /// T(0), T(1), … T(radius), divided by what both sides sum to.
  private let weights: [Double]
  /// T(n − 1) − T(n) for n = 1, 2, … radius + 1, and a 0 beyond: nothing stands right of the radius.
  private let steps: [Double]

  /// Miller's backward recurrence, in the ratios r(n) = Iₙ / Iₙ₋₁: these neither overflow for any t nor need e⁻ᵗ.
  ///
  ///     Iₙ₋₁ − Iₙ₊₁ = (2n/t) Iₙ    ⇒    r(n) = 1 / (2n/t + r(n + 1))
  ///
  /// For a wide kernel all ratios are nearly 1, and an ulp of each would grow into a ramp over the whole kernel. So the
  /// recurrence runs in d(n) = 1 − r(n), which is about n/t and keeps its own digits.
  init(variance: Double, radius: Int) {
    // As far as it takes for the 0 assumed beyond to be forgotten: e^(n²/t) has grown by e⁴⁰.
    let start = Int((Double(radius) * Double(radius) + 40 * variance).squareRoot()) + 20
    var ratios = [Double](repeating: 0, count: radius + 1)
    var deficits = ratios
    var deficit = 1.0
    for n in stride(from: start, through: 1, by: -1) {
      let slope = 2 * Double(n) / variance
      let ratio = 1 / (1 + (slope - deficit))
      deficit = (slope - deficit) * ratio
      if n <= radius { (ratios[n], deficits[n]) = (ratio, deficit) }
    }
    var weights = [1.0]
    for ratio in ratios.dropFirst() { weights.append(weights[weights.count - 1] * ratio) }
    let sum = Gaussian.sum(ofBothSides: weights)
    self.weights = weights.map { $0 / sum }
    // Not the difference of two weights, which would cancel.
    steps = zip(self.weights, deficits.dropFirst()).map { $0 * $1 } + [self.weights[radius], 0]
  }

  /// The kernel, or its central differences ½ (T(n − 1) − T(n + 1)) and T(n − 1) − 2 T(n) + T(n + 1), mirrored because
  /// the operation is correlation; at the centre and to its right.
  func half(order: Int) -> [Double] {
    let neighbours = zip(steps, steps.dropFirst())
    switch order {
    case 1: return [0] + neighbours.map { 0.5 * ($0 + $1) }
    case 2: return [-2 * steps[0]] + neighbours.map { $0 - $1 }
    default: return weights
    }
  }
}
