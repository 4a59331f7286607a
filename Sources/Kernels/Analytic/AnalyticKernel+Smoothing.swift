import Volumes

// Kernels that smooth, and what is made of two of them. Constants and signs stand in the factor along the last filtered
// axis: passes along i come first, and stay equal where terms can share them.

extension AnalyticKernel {
  /// A Gaussian, or a derivative of it; one term.
  ///
  /// - Parameters:
  ///   - sigma: The standard deviation in voxels; a 0 leaves its axis alone.
  ///   - orders: Of the derivative along each axis, per voxel.
  package static func gaussian(
    sigma: PerAxis<Double>, orders: PerAxis<Int> = PerAxis(all: 0), truncate: Double = 4,
    form: Gaussian.Form = .sampled
  ) throws(KernelFailure) -> AnalyticKernel {
    let name = orders == PerAxis(all: 0) ? "gaussian" : "derivative of a gaussian"
    return AnalyticKernel(
      name, terms: [try gaussianTerm(sigma: sigma, orders: orders, truncate: truncate, form: form)])
  }

  /// peak · exp(−r² / 2σ²) at voxel centres: not of sum 1, but of a given value in the middle.
  package static func gaussian(
    peak: Double, sigma: PerAxis<Double>, truncate: Double = 4
  ) throws(KernelFailure) -> AnalyticKernel {
    guard peak.isFinite else { throw KernelFailure("gaussian peak", expected: "a finite number", found: "\(peak)") }
    let last = try lastAxis { sigma[$0] != 0 }
    var term = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where sigma[axis] != 0 {
      term[axis] = try Gaussian.ofPeak(axis == last ? peak : 1, sigma: sigma[axis], truncate: truncate)
    }
    return AnalyticKernel("gaussian by its peak", terms: [term], constant: Constant(value: peak, axis: last))
  }

  /// The narrow Gaussian minus the wide one; two terms, of sum 0.
  package static func differenceOfGaussians(
    narrow: PerAxis<Double>, wide: PerAxis<Double>, truncate: Double = 4, form: Gaussian.Form = .sampled
  ) throws(KernelFailure) -> AnalyticKernel {
    let orders = PerAxis(all: 0)
    let plus = try gaussianTerm(sigma: narrow, orders: orders, truncate: truncate, form: form)
    var minus = try gaussianTerm(sigma: wide, orders: orders, truncate: truncate, form: form)
    let last = try lastAxis { wide[$0] > 0 }
    minus[last] = minus[last]?.scaled(by: -1)
    return AnalyticKernel("difference of gaussians", terms: [plus, minus])
  }

  /// The mean over a box of so many voxels; a 1 leaves its axis alone.
  package static func box(size: PerAxis<Int>) throws(KernelFailure) -> AnalyticKernel {
    var term = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where size[axis] != 1 { term[axis] = try Box.taps(size: size[axis]) }
    return AnalyticKernel("box", terms: [term])
  }

  /// The binomial coefficients of (1 + x)ⁿ along each axis; a 0 leaves its axis alone.
  ///
  /// An odd order has an even number of taps, and reaches one voxel further back than forth.
  ///
  /// - Parameter isNormalised: Divides by 2ⁿ, the sum; this power of 2 is the kernel's constant, and exact.
  package static func binomial(order: PerAxis<Int>, isNormalised: Bool = false) throws(KernelFailure) -> AnalyticKernel
  {
    let last = try lastAxis { order[$0] != 0 }
    var term = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where order[axis] != 0 { term[axis] = try Binomial.taps(order: order[axis]) }
    guard isNormalised else { return AnalyticKernel("binomial", terms: [term]) }
    let sum = Double(sign: .plus, exponent: -order.array.reduce(0, +), significand: 1)
    term[last] = term[last]?.scaled(by: sum)
    return AnalyticKernel("binomial of sum 1", terms: [term], constant: Constant(value: sum, axis: last))
  }
}

extension AnalyticKernel {
  /// The factors of a Gaussian; none along an axis of sigma 0.
  static func gaussianTerm(
    sigma: PerAxis<Double>, orders: PerAxis<Int>, truncate: Double, form: Gaussian.Form
  ) throws(KernelFailure) -> PerAxis<Taps?> {
    _ = try lastAxis { sigma[$0] != 0 }
    var term = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where sigma[axis] != 0 || orders[axis] != 0 {
      term[axis] = try Gaussian.taps(sigma: sigma[axis], order: orders[axis], truncate: truncate, form: form)
    }
    return term
  }

  /// The last axis that a kernel filters along; there must be one.
  static func lastAxis(where isFiltered: (Axis) -> Bool) throws(KernelFailure) -> Axis {
    guard let axis = Axis.allCases.last(where: isFiltered) else {
      throw KernelFailure("axes", expected: "at least one that is filtered", found: "none")
    }
    return axis
  }
}

/// Rows of Pascal's triangle.
enum Binomial {
  /// The last row whose numbers are all exact in Double.
  static let largestOrder = 56

  /// `order + 1` integers that sum to 2ᵒʳᵈᵉʳ.
  static func taps(order: Int) throws(KernelFailure) -> Taps {
    guard (1...largestOrder).contains(order) else {
      throw KernelFailure("binomial order", expected: "1 to \(largestOrder)", found: "\(order)")
    }
    var row = [1.0]
    for _ in 0..<order { row = zip([0] + row, row + [0]).map { $0 + $1 } }
    return Taps(weights: row, origin: row.count / 2)
  }
}
