/// Gaussians sampled at voxel centres, and their derivatives.
///
/// Within rounding, the taps are those that `scipy.ndimage.gaussian_filter1d` correlates with.
package enum Gaussian {
  /// √(8 ln 2): the full width at half maximum of a Gaussian of standard deviation 1.
  package static let fwhmPerSigma = 2.3548200450309493

  /// The largest radius in voxels; a line of 65,535 taps is longer than any axis of a NIfTI-1 scan.
  package static let largestRadius = 32_767

  /// The smallest standard deviation in voxels; scipy leaves an axis alone below it.
  package static let smallestSigma = 1e-15

  /// Taps on either side of the centre: `floor(truncate · sigma + ½)`, or `Int.max` when that is no Int.
  package static func radius(sigma: Double, truncate: Double) -> Int {
    Int(exactly: (truncate * sigma + 0.5).rounded(.down)) ?? .max
  }

  /// The taps of a Gaussian (order 0) or of its first or second derivative, to correlate with.
  ///
  /// Order 0 sums to 1. Order 1 answers a ramp of slope 1 with about +1, order 2 a parabola x² with about 2: as in
  /// scipy, the truncated sums are not corrected.
  ///
  /// - Parameters:
  ///   - sigma: The standard deviation in voxels.
  ///   - truncate: Where to cut, in standard deviations.
  /// - Throws: When an argument is out of range, the radius exceeds `largestRadius`, or is 0 for a derivative, which
  ///   needs neighbours.
  package static func taps(sigma: Double, order: Int = 0, truncate: Double = 4) throws(KernelFailure) -> Taps {
    let radius = try checkedRadius(sigma: sigma, order: order, truncate: truncate)
    let side = normalisedHalf(sigma: sigma, radius: radius)
    let variance = sigma * sigma
    let weights = (-radius...radius).map { offset in
      let x = Double(offset)
      return side[abs(offset)] * derivativeFactor(order: order, x: x, variance: variance)
    }
    return Taps(weights: weights, origin: radius)
  }

  /// `peak` · exp(−x² / 2σ²), not normalised.
  static func ofPeak(_ peak: Double, sigma: Double, truncate: Double) throws(KernelFailure) -> Taps {
    let radius = try checkedRadius(sigma: sigma, order: 0, truncate: truncate)
    let side = half(sigma: sigma, radius: radius)
    return Taps(weights: (-radius...radius).map { peak * side[abs($0)] }, origin: radius)
  }

  /// What turns a Gaussian into its derivative of that order, mirrored because the operation is correlation.
  private static func derivativeFactor(order: Int, x: Double, variance: Double) -> Double {
    switch order {
    case 1: x / variance
    case 2: (x * x / variance - 1) / variance
    default: 1
    }
  }

  /// exp(−x² / 2σ²) at 0, 1, … `radius`.
  private static func half(sigma: Double, radius: Int) -> [Double] {
    (0...radius).map { offset in
      // The quotient first: σ² alone would underflow for the smallest sigmas.
      let z = Double(offset) / sigma
      return exponential(-0.5 * z * z)
    }
  }

  /// The Gaussian at 0, 1, … `radius`, so that both sides together sum to 1.
  private static func normalisedHalf(sigma: Double, radius: Int) -> [Double] {
    let half = half(sigma: sigma, radius: radius)
    // From the tail inwards, so that small values are not lost against large ones.
    let side = half.dropFirst().reversed().reduce(0, +)
    let sum = 2 * side + half[0]
    return half.map { $0 / sum }
  }

  private static func checkedRadius(sigma: Double, order: Int, truncate: Double) throws(KernelFailure) -> Int {
    guard sigma >= smallestSigma, sigma.isFinite else {
      throw KernelFailure("gaussian sigma", expected: "\(smallestSigma) voxels or more", found: "\(sigma)")
    }
    guard (0...2).contains(order) else {
      throw KernelFailure("gaussian order", expected: "0, 1 or 2", found: "\(order)")
    }
    guard truncate > 0, truncate.isFinite else {
      throw KernelFailure("gaussian truncate", expected: "a number above 0", found: "\(truncate)")
    }
    let radius = radius(sigma: sigma, truncate: truncate)
    guard radius <= largestRadius else {
      let found = "\(truncate) · \(sigma) voxels"
      throw KernelFailure("gaussian radius", expected: "at most \(largestRadius) voxels", found: found)
    }
    guard order == 0 || radius >= 1 else {
      let found = "0 (\(truncate) · \(sigma) voxels, rounded)"
      throw KernelFailure("gaussian radius", expected: "at least 1 voxel for a derivative", found: found)
    }
    return radius
  }
}
