import Kernels

extension Chain {
  /// Whether the chain has to be computed in Double, whatever the type of the scan.
  ///
  /// - Parameter absentNonFinite: as for `Engine.apply`.
  package func needsDouble(absentNonFinite: Bool) -> Bool {
    dividesSums(absentNonFinite: absentNonFinite) || !fitsFloat || steps.contains { $0.isLongMean }
  }
}

extension Step {
  /// Whether so many weights are summed inside a mask that in Float a constant would not stay constant to 1e-6.
  ///
  /// Equal weights round alike, time after time: n additions are off by about n·u/4, for the sum is half its size on
  /// average, and an error half the largest one. In Float that is 1e-6 at 64 additions.
  fileprivate var isLongMean: Bool {
    guard case .linear(let step) = self, step.mask != nil else { return false }
    return step.kernel.additions > 64
  }
}

extension LinearKernel {
  /// On the way of a voxel; a weight of 0 adds no error.
  fileprivate var additions: Int {
    switch self {
    case .dense(let kernel): kernel.weights.count { $0 != 0 }
    case .separable(let terms):
      terms.map { term in term.taps.reduce(0) { $0 + $1.weights.count { $0 != 0 } } }.max() ?? 0
    }
  }
}
