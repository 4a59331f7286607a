import Kernels

// Numbers that Float cannot carry: in Float a weight of 1e-50 is 0, and one of 1e50 infinite. What fits is far enough
// from both ends that voxels have room as well.

extension Chain {
  /// Whether no step takes a voxel of size 1 out of the range that fits, not even together with those before it.
  var fitsFloat: Bool {
    var size = 1.0
    return steps.allSatisfy { step in
      size *= step.gain
      return step.fitsFloat && fits(size)
    }
  }
}

extension Step {
  /// How many times larger a voxel can become.
  fileprivate var gain: Double {
    switch self {
    case .linear(let step): step.isMean ? 1 : step.kernel.sizes.reduce(0) { $0 + ($1.last ?? 0) }
    case .pointwise(.scale(let slope, _)): slope.magnitude
    case .pointwise: 1
    }
  }

  fileprivate var fitsFloat: Bool {
    switch self {
    case .linear(let step): step.kernel.fitsFloat && isSmallEnough(step.boundary.outside)
    case .pointwise(.scale(_, let intercept)): isSmallEnough(intercept)
    case .pointwise(.threshold(_, _, let outside)): isSmallEnough(outside)
    case .pointwise: true
    }
  }
}

extension LinearStep {
  /// Whether what it sums is divided by the sum of the weights.
  fileprivate var isMean: Bool { boundary == .renormalise || mask != nil }
}

extension Boundary {
  fileprivate var outside: Double {
    if case .constant(let value) = self { value } else { 0 }
  }
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
    return sizes.allSatisfy { sizes in
      let share = total > 0 ? (sizes.last ?? 0) / total : 0
      return sizes.allSatisfy { $0 <= largestSize && $0 >= share / largestSize }
    }
  }
}

private let largestSize = 0x1p64

/// Zero is exact in any type.
private func fits(_ size: Double) -> Bool { size == 0 || (1 / largestSize...largestSize).contains(size) }

/// Infinities are what they are in Float too.
private func isSmallEnough(_ value: Double) -> Bool { value.magnitude <= largestSize || !value.isFinite }
