import Volumes

// Sums that singular vectors do not show, because they are sparse: few taps, mostly zeros elsewhere.

extension DenseKernel {
  /// The kernel as one pass per axis, if all its weights lie on lines through one voxel. A Laplacian of 6 neighbours is
  /// such a cross: three passes of 3 taps.
  ///
  /// Where the weight in the middle is the opposite of all others, each pass gets its share of it, so that each sums to
  /// zero by itself; otherwise the first pass gets it whole.
  func cross() -> [PerAxis<Taps?>]? {
    guard let centre = crossing() else { return nil }
    let axes = shape.factoredAxes
    var arms = axes.map { line(through: centre, along: $0) }
    let middle = weights[shape.index(of: centre)]
    for (index, axis) in axes.enumerated() { arms[index][centre[axis]] = 0 }
    let sums = arms.map { $0.reduce(0, +) }
    let isBalanced = sums.reduce(0, +) == -middle
    for (index, axis) in axes.enumerated() {
      arms[index][centre[axis]] = isBalanced ? -sums[index] : (index == 0 ? middle : 0)
    }
    let terms = zip(axes, arms).filter { $1.contains { $0 != 0 } }.map { onePass($1, along: $0, through: centre) }
    return terms.isEmpty ? nil : terms
  }

  /// Where all lines with weights meet.
  private func crossing() -> PerAxis<Int>? {
    let positions = weights.indices.filter { weights[$0] != 0 }.map { shape.position(of: $0) }
    guard let first = positions.first else { return nil }
    // The voxel that shares at least two coordinates with every other: the coordinate that most of them have.
    var centre = first
    for axis in Axis.allCases {
      var counts = Array(repeating: 0, count: shape[axis])
      for position in positions { counts[position[axis]] += 1 }
      centre[axis] = counts.indices.max { counts[$0] < counts[$1] } ?? 0
    }
    let isCross = positions.allSatisfy { position in Axis.allCases.count { position[$0] != centre[$0] } <= 1 }
    return isCross ? centre : nil
  }

  private func line(through position: PerAxis<Int>, along axis: Axis) -> [Double] {
    (0..<shape[axis]).map { place in
      var position = position
      position[axis] = place
      return weights[shape.index(of: position)]
    }
  }

  /// The term of one pass. Lines that do not go through the output voxel are shifted there by passes of one weight.
  private func onePass(_ taps: [Double], along axis: Axis, through position: PerAxis<Int>) -> PerAxis<Taps?> {
    var term = PerAxis<Taps?>(all: nil)
    for other in Axis.allCases where other != axis && origin[other] != position[other] {
      term[other] = Taps(weights: [1], origin: origin[other] - position[other])
    }
    term[axis] = Taps(weights: taps, origin: origin[axis])
    return term
  }

  /// The kernel without one weight's excess over an outer product, and that excess, if there is such a weight in the
  /// middle. A Laplacian of 26 neighbours is a box without 27 times the voxel itself.
  ///
  /// What the weight would be in an outer product follows from its neighbours along each axis and one voxel that lies
  /// beside it along all axes.
  func withoutExcessInTheMiddle() -> (product: DenseKernel, excess: PerAxis<Taps?>)? {
    let axes = shape.factoredAxes
    let middle = shape.lengths.map { $0 / 2 }
    guard axes.count > 1, let beside = largest(besides: middle, along: axes) else { return nil }
    let reference = weights[shape.index(of: beside)]
    let expected = axes.reduce(reference) { product, axis in
      var corner = beside
      corner[axis] = middle[axis]
      return product * (weights[shape.index(of: corner)] / reference)
    }
    let index = shape.index(of: middle)
    guard expected.isFinite, expected != weights[index] else { return nil }
    var product = weights
    product[index] = expected
    var lone = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where origin[axis] != middle[axis] {
      lone[axis] = Taps(weights: [1], origin: origin[axis] - middle[axis])
    }
    let shift = lone.i?.origin ?? 0
    lone.i = Taps(weights: [weights[index] - expected], origin: shift)
    return (DenseKernel(shape: shape, weights: product, origin: origin), lone)
  }

  /// The position of the largest weight that differs from `middle` along each of the axes.
  private func largest(besides middle: PerAxis<Int>, along axes: [Axis]) -> PerAxis<Int>? {
    let candidates = weights.indices.filter { index in
      let position = shape.position(of: index)
      return weights[index] != 0 && axes.allSatisfy { position[$0] != middle[$0] }
    }
    return candidates.max { weights[$0].magnitude < weights[$1].magnitude }.map { shape.position(of: $0) }
  }
}
