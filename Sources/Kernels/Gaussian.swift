/// Gaussians on a grid, and their derivatives.
///
/// There is more than one way to turn a function into taps; see `Form`. Within rounding, the taps of the form `sampled`
/// are those that `scipy.ndimage.gaussian_filter1d` correlates with.
package enum Gaussian {
  /// How a Gaussian becomes taps.
  package enum Form: String, CaseIterable, Sendable {
    /// Its values at the voxel centres. Much narrower than asked below a sigma of half a voxel.
    case sampled
    /// Its integrals over voxels, differences of erf at their edges: what a Gaussian does to piecewise constant data.
    /// Wider than asked, by a variance of 1/12 voxel² (less below half a voxel of sigma).
    case integrated
    /// Lindeberg's discrete Gaussian (doi:10.1109/34.49051), from modified Bessel functions: as wide as asked at every
    /// sigma, and twice t is once 2t.
    case bessel
    /// Its integrals against linear interpolation between voxels, as SPM smooths: what a Gaussian does to data that are
    /// linear between voxel centres. Wider than asked, by a variance of 1/6 voxel².
    case bspline
  }

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
  /// scipy, truncated sums are not corrected. The form decides what a derivative is: of the sampled form the
  /// derivative's samples; of the integrated one its integrals, differences at the edges; of the Bessel form central
  /// differences of its taps, which reach one voxel further and answer with 1 and 2 exactly. SPM defines none.
  ///
  /// - Parameters:
  ///   - sigma: The standard deviation in voxels.
  ///   - truncate: Where to cut, in standard deviations.
  /// - Throws: When an argument is out of range, the radius exceeds `largestRadius`, or is 0 for a derivative that
  ///   needs neighbours; when the form has no derivatives.
  package static func taps(
    sigma: Double, order: Int = 0, truncate: Double = 4, form: Form = .sampled
  ) throws(KernelFailure) -> Taps {
    let radius = try checkedRadius(sigma: sigma, order: order, truncate: truncate, form: form)
    let half =
      switch form {
      case .sampled: sampledHalf(sigma: sigma, order: order, radius: radius)
      case .integrated: integratedHalf(sigma: sigma, order: order, radius: radius)
      case .bessel: DiscreteGaussian(variance: sigma * sigma, radius: radius).half(order: order)
      case .bspline: splineHalf(sigma: sigma, radius: radius)
      }
    return mirrored(half, isOdd: order == 1)
  }

  /// `peak` · exp(−x² / 2σ²), not normalised.
  static func ofPeak(_ peak: Double, sigma: Double, truncate: Double) throws(KernelFailure) -> Taps {
    let radius = try checkedRadius(sigma: sigma, order: 0, truncate: truncate, form: .sampled)
    return mirrored((0...radius).map { peak * value(at: Double($0), sigma: sigma) }, isOdd: false)
  }
}

// MARK: - Halves: what stands at the centre, and 1, 2, … voxels to its right

extension Gaussian {
  /// exp(−x² / 2σ²).
  static func value(at x: Double, sigma: Double) -> Double {
    // The quotient first: σ² alone would underflow for the smallest sigmas.
    let z = x / sigma
    return exponential(-0.5 * z * z)
  }

  /// What both sides of an even function sum to.
  static func sum(ofBothSides half: [Double]) -> Double {
    // From the tail inwards, so that small values are not lost against large ones.
    2 * half.dropFirst().reversed().reduce(0, +) + half[0]
  }

  private static func mirrored(_ half: [Double], isOdd: Bool) -> Taps {
    let left = half.dropFirst().reversed().map { isOdd ? -$0 : $0 }
    return Taps(weights: left + half, origin: left.count)
  }

  private static func sampledHalf(sigma: Double, order: Int, radius: Int) -> [Double] {
    let half = (0...radius).map { value(at: Double($0), sigma: sigma) }
    let sum = sum(ofBothSides: half)
    let variance = sigma * sigma
    return half.enumerated().map { offset, value in
      value / sum * derivativeFactor(order: order, x: Double(offset), variance: variance)
    }
  }

  /// What turns a Gaussian into its derivative of that order, mirrored because the operation is correlation.
  private static func derivativeFactor(order: Int, x: Double, variance: Double) -> Double {
    switch order {
    case 1: x / variance
    case 2: (x * x / variance - 1) / variance
    default: 1
    }
  }
}

// MARK: - Checks

extension Gaussian {
  private static func checkedRadius(
    sigma: Double, order: Int, truncate: Double, form: Form
  ) throws(KernelFailure) -> Int {
    guard sigma >= smallestSigma, sigma.isFinite else {
      throw KernelFailure("gaussian sigma", expected: "\(smallestSigma) voxels or more", found: "\(sigma)")
    }
    guard (0...2).contains(order) else {
      throw KernelFailure("gaussian order", expected: "0, 1 or 2", found: "\(order)")
    }
    guard form != .bspline || order == 0 else {
      throw KernelFailure("gaussian order", expected: "0 for the form bspline", found: "\(order)")
    }
    guard truncate > 0, truncate.isFinite else {
      throw KernelFailure("gaussian truncate", expected: "a number above 0", found: "\(truncate)")
    }
    let radius = radius(sigma: sigma, truncate: truncate)
    guard radius <= largestRadius else {
      let found = "\(truncate) · \(sigma) voxels"
      throw KernelFailure("gaussian radius", expected: "at most \(largestRadius) voxels", found: found)
    }
    // The recurrence runs over some 6 sigmas, however few of them are kept.
    guard form != .bessel || sigma <= Double(largestRadius) else {
      let expected = "at most \(largestRadius) voxels for the form bessel"
      throw KernelFailure("gaussian sigma", expected: expected, found: "\(sigma)")
    }
    guard order == 0 || radius >= 1 || form == .bessel else {
      let found = "0 (\(truncate) · \(sigma) voxels, rounded)"
      throw KernelFailure("gaussian radius", expected: "at least 1 voxel for a derivative", found: found)
    }
    return radius
  }
}
