import Volumes

// Kernels that look for slopes and curvature, with the signs of `scipy.ndimage`, but as correlations: a scan that grows
// along the axis has a positive slope.

extension AnalyticKernel {
  /// What smooths across the direction of a slope.
  package enum Slope: String, CaseIterable, Sendable {
    case sobel, prewitt, scharr

    fileprivate var smoothing: [Double] {
      switch self {
      case .sobel: [1, 2, 1]
      case .prewitt: [1, 1, 1]
      case .scharr: [3, 10, 3]
      }
    }
  }

  /// The difference of the two neighbours along `axis`, smoothed along the others of `axes`; integers, one term.
  ///
  /// The numbers are those of the books: no division by the sum of the smoothing, or by the distance of 2 voxels.
  package static func slope(
    _ slope: Slope, along axis: Axis, axes: Set<Axis> = Set(Axis.allCases)
  ) -> AnalyticKernel {
    var term = PerAxis<Taps?>(all: nil)
    for other in axes { term[other] = Taps(weights: slope.smoothing, origin: 1) }
    term[axis] = Taps(weights: [-1, 0, 1], origin: 1)
    return AnalyticKernel("\(slope.rawValue) along \(axis.name)", terms: [term])
  }

  /// The sum of second differences along each axis: 6 neighbours in 3-D, 4 in 2-D. One term per axis, of sum 0.
  ///
  /// - Parameter spacing: The distance between voxels. 1 gives integers, the Laplacian per voxel²; lengths in mm give it
  ///   per mm², each axis' term holding its own 1/spacing².
  package static func laplacian(
    axes: Set<Axis> = Set(Axis.allCases), spacing: Spacing = Spacing(all: 1)
  ) throws(KernelFailure) -> AnalyticKernel {
    _ = try lastAxis { axes.contains($0) }
    let terms = try axes.sorted().map { axis throws(KernelFailure) in
      var term = PerAxis<Taps?>(all: nil)
      term[axis] = Taps(weights: [1, -2, 1], origin: 1).scaled(by: try perSquare(of: spacing[axis]))
      return term
    }
    return AnalyticKernel("laplacian of face neighbours", terms: terms)
  }

  /// The sum over all neighbours, those at edges and corners too, minus as many times the voxel: 26 in 3-D, 8 in 2-D.
  ///
  /// Two terms, ones − 27δ in 3-D; integers of sum 0.
  package static func laplacianOfAllNeighbours(
    axes: Set<Axis> = Set(Axis.allCases)
  ) throws(KernelFailure) -> AnalyticKernel {
    let last = try lastAxis { axes.contains($0) }
    var ones = PerAxis<Taps?>(all: nil)
    var centre = PerAxis<Taps?>(all: nil)
    for axis in axes { ones[axis] = Taps(weights: [1, 1, 1], origin: 1) }
    centre[last] = .single(axes.reduce(-1) { product, _ in product * 3 })
    return AnalyticKernel("laplacian of all neighbours", terms: [ones, centre])
  }

  /// The Laplacian of a Gaussian: per axis a term that is a second derivative along it, and a Gaussian along the others.
  ///
  /// As in scipy, truncated sums are not corrected, and the weights sum to 0 only as far as `truncate` reaches; those of
  /// the form `bessel`, made of differences, sum to 0 always.
  ///
  /// - Parameters:
  ///   - sigma: The standard deviation in voxels; a 0 leaves its axis alone, and without a term.
  ///   - spacing: As for `laplacian`.
  package static func laplacianOfGaussian(
    sigma: PerAxis<Double>, spacing: Spacing = Spacing(all: 1), truncate: Double = 4, form: Gaussian.Form = .sampled
  ) throws(KernelFailure) -> AnalyticKernel {
    _ = try lastAxis { sigma[$0] != 0 }
    let axes = Axis.allCases.filter { sigma[$0] != 0 }
    let terms = try axes.map { axis throws(KernelFailure) in
      var orders = PerAxis(all: 0)
      orders[axis] = 2
      var term = try gaussianTerm(sigma: sigma, orders: orders, truncate: truncate, form: form)
      term[axis] = term[axis]?.scaled(by: try perSquare(of: spacing[axis]))
      return term
    }
    return AnalyticKernel("laplacian of a gaussian", terms: terms)
  }

  private static func perSquare(of spacing: Double) throws(KernelFailure) -> Double {
    let factor = 1 / spacing / spacing
    guard spacing > 0, factor.isFinite, factor > 0 else {
      throw KernelFailure("spacing", expected: "a length above 0", found: "\(spacing)")
    }
    return factor
  }
}
