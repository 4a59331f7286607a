import Filtering
import Kernels
import Volumes

/// A kernel's weights on their axes, normalised and factored.
package struct PlacedKernel: Sendable {
  /// After normalisation.
  package private(set) var weights: DenseKernel
  package let method: Factorisation.Method
  package private(set) var terms: [PerAxis<Taps?>]
  /// The weights are integers and the terms' product equals them.
  package let isInteger: Bool
  package let rank: Int
  package let singularValues: [Double]
  package let bound: Double
  package let multipliesBefore: Int

  /// Factors the weights as they were written, so that integers are factored exactly, and divides afterwards.
  ///
  /// - Parameter divisor: 1, or what `normalise` asks for; not 0.
  init(_ raw: DenseKernel, divisor: Double, tolerance: Double, method: KernelFilter.Method) {
    let factors = Factoring.factor(raw, tolerance: tolerance)
    let isDense = method == .dense || factors.method == .dense
    weights = DenseKernel(shape: raw.shape, weights: raw.weights.map { $0 / divisor }, origin: raw.origin)
    self.method = isDense ? .dense : factors.method
    let divided = isDense ? [] : factors.terms.map { $0.dividingLastPass(by: divisor) }
    // A product without weights below 0 has factors without them too: a sign would only be undone by another factor's.
    terms = weights.weights.allSatisfy { $0 >= 0 } ? divided.map { $0.withoutSigns() } : divided
    isInteger = factors.isInteger && divisor.magnitude == 1
    rank = factors.rank
    singularValues = factors.singularValues.map { $0 / divisor.magnitude }
    bound = isDense ? 0 : factors.bound / divisor.magnitude
    multipliesBefore = factors.multipliesBefore
  }

  /// Per voxel, as it runs.
  package var multipliesAfter: Int {
    guard method != .dense else { return multipliesBefore }
    return terms.reduce(0) { sum, term in term.array.reduce(sum) { $0 + ($1?.count ?? 0) } }
  }

  /// Why a sum of these weights cannot be divided by; `nil` when it can.
  var objectionToDivision: String? {
    if weights.weights.contains(where: { $0 < 0 }) { return "the kernel has weights below 0" }
    return weights.weights.allSatisfy { $0 == 0 } ? "the kernel has no weight above 0" : nil
  }

  /// The kernel to correlate with where the job says convolve.
  func flipped() -> PlacedKernel {
    var turned = self
    turned.weights = weights.flipped()
    turned.terms = terms.map { term in term.map { $0?.flipped() } }
    return turned
  }

  var linearKernel: LinearKernel {
    method == .dense ? .dense(weights) : .separable(terms.map { SeparableTerm($0) })
  }
}

extension PerAxis where Value == Taps? {
  fileprivate func withoutSigns() -> PerAxis {
    map { taps in taps.map { Taps(weights: $0.weights.map(\.magnitude), origin: $0.origin) } }
  }

  /// One division per tap of one pass: the product of the passes is then the kernel divided, within one rounding.
  fileprivate func dividingLastPass(by divisor: Double) -> PerAxis {
    guard divisor != 1 else { return self }
    var divided = self
    let last = Axis.allCases.last { self[$0] != nil } ?? .i
    let taps = self[last] ?? Taps(weights: [1], origin: 0)
    divided[last] = Taps(weights: taps.weights.map { $0 / divisor }, origin: taps.origin)
    return divided
  }
}

extension DenseKernel {
  /// The weights of the other operation: correlating with them is convolving with these.
  func flipped() -> DenseKernel {
    var turned = PerAxis(all: 0)
    for axis in Axis.allCases { turned[axis] = shape[axis] - 1 - origin[axis] }
    // i is the fastest and every axis is turned, so the whole block is read backwards.
    return DenseKernel(shape: shape, weights: weights.reversed(), origin: turned)
  }
}
