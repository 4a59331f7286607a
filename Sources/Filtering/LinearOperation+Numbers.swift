import Kernels

// Numbers that Float cannot carry: in Float a weight of 1e-50 is 0, and one of 1e50 infinite. What fits is far enough
// from both ends that voxels have room as well.

/// The range that leaves room for voxels: the largest number, and the inverse of the smallest.
package enum FloatRange {
  private static let largest = 0x1p64

  /// Whether a voxel may become so many times larger. Zero is exact in any type.
  static func holds(gain: Double) -> Bool { gain == 0 || (1 / largest...largest).contains(gain) }

  /// Whether a number may enter a chain. Infinities are what they are in Float too.
  package static func holds(_ value: Double) -> Bool { value.magnitude <= largest || !value.isFinite }

  /// Whether the sizes that a voxel of size 1 has on its way fit, each beside a share of the result.
  fileprivate static func holds(sizes: [Double], share: Double) -> Bool {
    sizes.allSatisfy { $0 <= largest && $0 >= share / largest }
  }
}

extension LinearOperation {
  package func numbers(in engine: Engine) -> NumericNeeds {
    var outside = 0.0
    if case .constant(let value) = boundary { outside = value }
    return NumericNeeds(
      gain: isMean ? 1 : kernel.sizes.reduce(0) { $0 + ($1.last ?? 0) },
      fitsFloat: kernel.fitsFloat && FloatRange.holds(outside),
      needsDouble: dividesSums(absentNonFinite: engine.absentNonFinite) || isLongMean)
  }

  /// Whether what it sums is divided by the sum of the weights.
  private var isMean: Bool { boundary == .renormalise || mask != nil }

  /// Whether a sum of terms that cancel is divided by its weight. A small weight of such a sum has a large relative
  /// error, so the division had better be computed in Double.
  func dividesSums(absentNonFinite: Bool) -> Bool { kernel.cancels && (isMean || absentNonFinite) }

  /// Whether so many weights are summed inside a mask that in Float a constant would not stay constant to 1e-6.
  ///
  /// Equal weights round alike, time after time: n additions are off by about n·u/4, for the sum is half its size on
  /// average, and an error half the largest one. In Float that is 1e-6 at 64 additions.
  private var isLongMean: Bool { mask != nil && kernel.additions > 64 }
}

extension LinearKernel {
  /// What a voxel of size 1 can become in each term, after each of its passes.
  fileprivate var sizes: [[Double]] {
    switch self {
    case .dense(let kernel): [[kernel.weights.reduce(0) { $0 + $1.magnitude }]]
    case .separable(let terms):
      terms.map { term in
        term.taps.reduce(into: [1]) { $0.append($0[$0.count - 1] * $1.absoluteSum) }
      }
    }
  }

  /// A term may be small beside the others, and its voxels as much smaller on their way.
  fileprivate var fitsFloat: Bool {
    let total = sizes.reduce(0) { $0 + ($1.last ?? 0) }
    return sizes.allSatisfy { FloatRange.holds(sizes: $0, share: total > 0 ? ($0.last ?? 0) / total : 0) }
  }

  /// On the way of a voxel; a weight of 0 adds no error.
  fileprivate var additions: Int {
    switch self {
    case .dense(let kernel): kernel.weights.count { $0 != 0 }
    case .separable(let terms):
      terms.map { term in term.taps.reduce(0) { $0 + $1.weights.count { $0 != 0 } } }.max() ?? 0
    }
  }
}
