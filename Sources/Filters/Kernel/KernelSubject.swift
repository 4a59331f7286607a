import Kernels
import Volumes

/// A kernel to be looked at by `medfilter kernel`, wherever it came from: what it is, and how it would run.
package struct KernelSubject: Sendable {
  /// Why it would run as it does.
  package enum Choice: Sendable {
    /// Its factors are written down from a formula; there was nothing to take apart.
    case formula
    /// The result of taking the weights apart.
    case factoring(Factorisation.Reason)
    /// `"method": "dense"`.
    case insistsOnDense
  }

  /// In words: `sobel along i`, `weights`.
  package let name: String
  package let method: Factorisation.Method
  package let choice: Choice
  /// The outer products that run, as correlations; none for a dense kernel.
  package let terms: [PerAxis<Taps?>]
  /// The weights, or what the terms come to; `nil` when they would be more than `mostWeights`.
  package let weights: DenseKernel?
  package let size: PerAxis<Int>
  /// The index of the weight that meets the output voxel.
  package let origin: PerAxis<Int>
  package let isInteger: Bool
  /// What multiplies integers, or a formula, if anything; one factor contains it.
  package let constant: Double?
  package let rank: Int
  /// The singular values along each axis longer than 1; of a formula, those that are not 0.
  package let spectra: PerAxis<[Double]>
  package let singularValues: [Double]
  /// Σ|K − K̂|.
  package let bound: Double
  /// A number to look at: that of three very long axes may have more digits than Int.
  package let multipliesBefore: Double
  package let multipliesAfter: Int

  /// In mm; `nil` when nobody said how far apart the voxels are.
  package internal(set) var spacing: Spacing?
  /// In mm, of a Gaussian.
  package internal(set) var requestedFWHM: PerAxis<Double?>?
  package internal(set) var findings: [Finding] = []

  /// The largest kernel whose weights are looked at one by one, a formula's too.
  package static let mostWeights = 1 << 20

  private let formula: AnalyticKernel

  /// Weights that were taken apart.
  package init(_ kernel: PlacedKernel, name: String, spacing: Spacing?) {
    self.name = name
    method = kernel.method
    choice = kernel.reason.map { .factoring($0) } ?? .insistsOnDense
    terms = kernel.terms
    weights = kernel.weights
    size = kernel.weights.shape.lengths
    origin = kernel.weights.origin
    isInteger = kernel.isInteger
    constant = kernel.constant
    rank = kernel.rank
    spectra = kernel.spectra
    singularValues = kernel.singularValues
    bound = kernel.bound
    multipliesBefore = Double(kernel.multipliesBefore)
    multipliesAfter = kernel.multipliesAfter
    formula = AnalyticKernel(name, terms: kernel.terms)
    findings = kernel.findings
    self.spacing = spacing
  }

  /// A kernel that is known by its factors.
  package init(_ kernel: AnalyticKernel, spacing: Spacing?) {
    let spectra = kernel.spectra
    name = kernel.name
    method = kernel.terms.count > 1 ? .rankR : .separable
    choice = .formula
    terms = kernel.terms
    weights = kernel.dense(atMost: Self.mostWeights)
    size = kernel.reach.map(\.count)
    origin = kernel.reach.map { -$0.lowerBound }
    isInteger = kernel.isInteger
    constant = kernel.constant?.value
    // As of weights that are taken apart with the default tolerance.
    rank = spectra.array.map { values in values.count { $0 > KernelRequest.defaultTolerance * values[0] } }.max() ?? 0
    self.spectra = spectra
    singularValues = spectra.deciding
    bound = 0
    multipliesBefore = size.array.reduce(1) { $0 * Double($1) }
    multipliesAfter = kernel.passes.multiplies
    formula = kernel
    self.spacing = spacing
  }

  /// The weight at an index along each axis. Cheap enough for a picture of any kernel.
  package func weight(at index: PerAxis<Int>) -> Double {
    if let weights { return weights[index] }
    return formula.weight(at: PerAxis(index.i - origin.i, index.j - origin.j, index.k - origin.k))
  }
}

// MARK: - What follows from the weights

extension KernelSubject {
  /// The gain for a constant.
  package var sum: Double {
    var total = RoundedSum()
    for weight in marginal(along: .i).weights { total.add(weight) }
    return total.value
  }

  /// The largest gain there is, Σ|K|; `nil` when the weights are too many.
  package var absoluteSum: Double? { weights?.weights.reduce(0) { $0 + $1.magnitude } }

  /// The kernel summed over the other two axes: what it does to a scan that changes along this axis only.
  package func marginal(along axis: Axis) -> Taps {
    weights?.marginal(along: axis) ?? terms.marginal(along: axis, size: size[axis], origin: origin[axis])
  }

  /// What it answers to 1, x and x² along an axis that it reaches along. The factors of a product that a formula gives
  /// answer each for its own axis: a derivative along i is one also where a derivative along j follows.
  package func answers(along axis: Axis) -> Answers? {
    if case .formula = choice, terms.count == 1 { return terms[0][axis]?.answers }
    return size[axis] > 1 ? marginal(along: axis).answers : nil
  }

  /// In voxels: the width of the Gaussian that spreads as far along the axis; `nil` for weights below 0.
  package func realisedFWHM(along axis: Axis) -> Double? {
    guard size[axis] > 1, !hasNegativeWeights else { return nil }
    return marginal(along: axis).realisedFWHM
  }

  /// Of terms of too many weights, whether one has a negative factor.
  private var hasNegativeWeights: Bool {
    if let weights { return weights.weights.contains { $0 < 0 } }
    return terms.contains { term in term.array.contains { $0?.weights.contains { $0 < 0 } ?? false } }
  }

  /// The same in mm, where the spacing is known.
  package func realisedMillimetres(along axis: Axis) -> Double? {
    guard let spacing else { return nil }
    return realisedFWHM(along: axis).map { $0 * spacing[axis] }
  }

  /// How many times fewer multiplications one outer product of this size takes: P·Q / (P + Q) or P·Q·R / (P + Q + R).
  package var speedUpOfOneProduct: Double {
    let long = size.array.filter { $0 > 1 }
    return long.isEmpty ? 1 : multipliesBefore / Double(long.reduce(0, +))
  }

  /// How many times fewer multiplications than the dense kernel takes.
  package var speedUp: Double { multipliesBefore / Double(max(multipliesAfter, 1)) }

  /// The most that rounding can add, times the largest |x|; `nil` for a dense kernel of unknown weights.
  ///
  /// - Parameter unit: Of the scalar that it is computed in, 2⁻²⁴ for Float and 2⁻⁵³ for Double.
  package func roundingBound(unit: Double) -> Double? {
    guard method == .dense else { return Kernels.roundingBound(of: terms, unit: unit) }
    return weights.map { Kernels.roundingBound(of: $0, unit: unit) }
  }
}

extension DenseKernel {
  fileprivate subscript(index: PerAxis<Int>) -> Double { weights[index.i + shape.i * (index.j + shape.j * index.k)] }
}
