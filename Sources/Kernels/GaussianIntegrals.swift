// The forms of the Gaussian that are integrals over what lies around each voxel.
//
// Both have closed forms in erf, which subtract nearly equal numbers for wide Gaussians: at a sigma of 1000 voxels, three
// digits are gone, and in the second differences of the B-spline six. Integrands here are positive, and so nothing
// cancels; quadrature that is exact to Double gives every tap to a few units in the last place.

extension Gaussian {
  /// ∫ over the voxel: ∝ erf((n + ½)/√2σ) − erf((n − ½)/√2σ); for derivatives, differences at the voxel's edges.
  static func integratedHalf(sigma: Double, order: Int, radius: Int) -> [Double] {
    let cells = (0...radius).map { cell($0, sigma: sigma) }
    let sum = sum(ofBothSides: cells)
    let variance = sigma * sigma
    return (0...radius).map { n in
      guard order > 0 else { return cells[n] / sum }
      let (left, right) = (Double(n) - 0.5, Double(n) + 0.5)
      let (atLeft, atRight) = (value(at: left, sigma: sigma), value(at: right, sigma: sigma))
      return order == 1 ? (atLeft - atRight) / sum : (left * atLeft - right * atRight) / variance / sum
    }
  }

  private static func cell(_ n: Int, sigma: Double) -> Double {
    // The centre's voxel is folded, because the quadrature is for one side.
    guard n > 0 else { return 2 * integral(from: 0, length: 0.5, sigma: sigma) { _ in 1 } }
    return integral(from: Double(n) - 0.5, length: 1, sigma: sigma) { _ in 1 }
  }

  /// ∫ (1 − |x − n|) · Gaussian from n − 1 to n + 1: a Gaussian convolved with the B-spline of degree 1, as in
  /// spm_smoothkern.m of SPM12, scaled to sum 1 as in spm_smooth.m.
  static func splineHalf(sigma: Double, radius: Int) -> [Double] {
    let half = (0...radius).map { n in
      let falling = integral(from: Double(n), length: 1, sigma: sigma) { 1 - $0 }
      return falling + (n == 0 ? falling : integral(from: Double(n - 1), length: 1, sigma: sigma) { $0 })
    }
    let sum = sum(ofBothSides: half)
    return half.map { $0 / sum }
  }

  /// ∫ weight(s) · exp(−(start + s)² / 2σ²) ds over 0...length, for a start of 0 or more and weights linear in s.
  ///
  /// Composite Gauss–Legendre with 10 nodes on panels of at most half a sigma: the error of a panel, (10!)⁴ / (21 · 20!³)
  /// · ½²⁰ · |He₂₀(z)| = 5e-37 · |He₂₀(z)|, is below an ulp as far as z = 9 sigmas out, where the Gaussian is 1e-18.
  private static func integral(
    from start: Double, length: Double, sigma: Double, of weight: (Double) -> Double
  ) -> Double {
    // Farther than 39 sigmas, a Gaussian is 0 in Double.
    let end = min(length, 39 * sigma - start)
    guard end > 0 else { return 0 }
    let panels = (2 * end / sigma).rounded(.up)
    let halfWidth = end / panels / 2
    var sum = 0.0
    // From the tail inwards.
    for panel in stride(from: panels - 1, through: 0, by: -1) {
      let centre = (2 * panel + 1) * halfWidth
      for (node, share) in gaussLegendre {
        let (left, right) = (centre - node * halfWidth, centre + node * halfWidth)
        sum += share * (weight(right) * value(at: start + right, sigma: sigma))
        sum += share * (weight(left) * value(at: start + left, sigma: sigma))
      }
    }
    return sum * halfWidth
  }

  /// The positive nodes of the Legendre polynomial of degree 10 and their weights (mpmath, 40 digits), outermost first.
  private static let gaussLegendre: [(node: Double, share: Double)] = [
    (0.9739065285171717, 0.06667134430868814), (0.8650633666889845, 0.14945134915058059),
    (0.6794095682990244, 0.21908636251598204), (0.4333953941292472, 0.26926671930999635),
    (0.14887433898163122, 0.29552422471475287),
  ]
}
