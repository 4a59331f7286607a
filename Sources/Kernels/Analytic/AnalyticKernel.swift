import Volumes

/// A kernel that is known by its formula, as the outer products that the formula gives.
///
/// Nothing is taken apart and nothing is rounded twice: the factors are written down, and the block of weights that
/// they stand for is never built, except by `dense` for tests and pictures. The operation is correlation, as
/// everywhere.
package struct AnalyticKernel: Hashable, Sendable {
  /// A number that multiplies the whole kernel.
  package struct Constant: Hashable, Sendable {
    package let value: Double
    /// Whose taps hold it. It stands in one factor only, so that the others keep their formula and can be shared.
    package let axis: Axis
  }

  /// In words: `sobel along i`.
  package let name: String
  /// The outer products whose sum is the kernel. An axis without taps has the single weight 1, on the output voxel.
  package let terms: [PerAxis<Taps?>]
  /// What multiplies the formula, if anything; the taps contain it.
  package let constant: Constant?
  /// Every tap is an integer below 2⁵³, and so exact.
  package let isInteger: Bool

  package init(_ name: String, terms: [PerAxis<Taps?>], constant: Constant? = nil) {
    self.name = name
    self.terms = terms
    self.constant = constant
    isInteger = terms.allSatisfy { $0.array.allSatisfy { $0?.isInteger ?? true } }
  }

  /// The passes that apply it, with what the terms have in common done once; they know their cost.
  package var passes: SharedPasses { SharedPasses(terms) }
}

// MARK: - As a block of weights

extension AnalyticKernel {
  /// From the first to the last weight along each axis, counted from the output voxel.
  package var reach: PerAxis<ClosedRange<Int>> {
    var reach = PerAxis(all: 0...0)
    for axis in Axis.allCases {
      for taps in terms.compactMap({ $0[axis] }) { reach[axis] = reach[axis].union(with: taps.reach) }
    }
    return reach
  }

  /// What the terms come to at a distance from the output voxel.
  package func weight(at offset: PerAxis<Int>) -> Double {
    terms.reduce(0) { sum, term in
      sum + Axis.allCases.reduce(1) { $0 * Taps.weight(of: term[$1], at: offset[$1]) }
    }
  }

  /// The block of weights, for tests and pictures; `nil` when it has more weights than `limit`.
  package func dense(atMost limit: Int = 1 << 24) -> DenseKernel? {
    let reach = reach
    let lengths = reach.map(\.count)
    guard let shape = Shape(i: lengths.i, j: lengths.j, k: lengths.k), shape.count <= limit else { return nil }
    let weights = (0..<shape.count).map { index in
      let position = shape.position(of: index)
      return weight(
        at: PerAxis(
          position.i + reach.i.lowerBound, position.j + reach.j.lowerBound, position.k + reach.k.lowerBound))
    }
    return DenseKernel(shape: shape, weights: weights, origin: reach.map { -$0.lowerBound })
  }
}

extension Taps {
  /// The weight alone: it scales, and reaches no neighbour.
  static func single(_ weight: Double) -> Taps { Taps(weights: [weight], origin: 0) }

  func scaled(by factor: Double) -> Taps { Taps(weights: weights.map { $0 * factor }, origin: origin) }

  fileprivate var isInteger: Bool {
    weights.allSatisfy { $0.rounded() == $0 && $0.magnitude < 0x1p53 }
  }

  /// From the first to the last weight, counted from the output voxel.
  fileprivate var reach: ClosedRange<Int> { -origin...(count - 1 - origin) }

  /// What a factor holds at a distance from the output voxel.
  static func weight(of taps: Taps?, at offset: Int) -> Double {
    guard let taps else { return offset == 0 ? 1 : 0 }
    let index = offset + taps.origin
    return taps.weights.indices.contains(index) ? taps.weights[index] : 0
  }
}

extension ClosedRange<Int> {
  fileprivate func union(with other: Self) -> Self {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}
