import Volumes

/// What weights along a line answer to 1, x and x² where x is 0, x counted in voxels from the output voxel: their sum,
/// and their first and second moments.
///
/// A mean answers 1, 0 and its variance; a first derivative 0, 1 and 0; a second derivative 0, 0 and 2.
package struct Answers: Hashable, Sendable {
  package var constant: Double
  package var ramp: Double
  package var square: Double

  package init(constant: Double, ramp: Double, square: Double) {
    self.constant = constant
    self.ramp = ramp
    self.square = square
  }

  /// Those of the weights turned round.
  package var turned: Answers { Answers(constant: constant, ramp: -ramp, square: square) }
}

extension Taps {
  /// Sums that are no more than the rounding of their parts are 0.
  package var answers: Answers {
    var (constant, ramp, square) = (RoundedSum(), RoundedSum(), RoundedSum())
    for (index, weight) in weights.enumerated() {
      let x = Double(index) - Double(origin)
      constant.add(weight)
      ramp.add(weight * x)
      square.add(weight * x * x)
    }
    return Answers(constant: constant.value, ramp: ramp.value, square: square.value)
  }
}

extension DenseKernel {
  /// The kernel summed over the other two axes: what it does to a scan that changes along this axis only.
  package func marginal(along axis: Axis) -> Taps {
    var sums = [RoundedSum](repeating: RoundedSum(), count: shape[axis])
    let stride = PerAxis(1, shape.i, shape.slice)[axis]
    for (index, weight) in weights.enumerated() { sums[index / stride % shape[axis]].add(weight) }
    return Taps(weights: sums.map(\.value), origin: origin[axis])
  }
}

extension [PerAxis<Taps?>] {
  /// The same of the sum of these terms.
  ///
  /// - Parameters:
  ///   - size: The lengths of the kernel that the terms lie in.
  ///   - origin: The index of its weight that meets the output voxel.
  package func marginal(along axis: Axis, size: Int, origin: Int) -> Taps {
    var sums = [RoundedSum](repeating: RoundedSum(), count: size)
    for term in self {
      let others = Axis.allCases.filter { $0 != axis }.reduce(1) { $0 * (term[$1]?.roundedSum ?? 1) }
      let taps = term[axis] ?? Taps(weights: [1], origin: 0)
      for (index, weight) in taps.weights.enumerated() { sums[index + origin - taps.origin].add(others * weight) }
    }
    return Taps(weights: sums.map(\.value), origin: origin)
  }
}
