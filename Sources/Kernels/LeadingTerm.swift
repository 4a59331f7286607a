import Volumes

/// The outer product that comes nearest to a kernel, and how near that is.
///
/// A chain of singular value decompositions: the kernel as a matrix (first axis × all others) gives the taps of the
/// first axis and a smaller kernel for the others, and so on. Where the kernel is an outer product, this finds it; where
/// it is not, the residual says how far it is from one.
struct LeadingTerm {
  /// One vector per axis, of equal norm over the axes longer than 1; the single weight 1 on the others.
  let factors: PerAxis<[Double]>
  /// Σ|K − K̂|, K̂ being the product of the factors as they are, rounded.
  let residual: Double
  /// Σ|K − K̂| / Σ|K|; 0 for a kernel of zeros.
  let relativeResidual: Double

  /// Weights must be finite.
  init<Stop: Error>(of kernel: DenseKernel, check: StopCheck<Stop>) throws(Stop) {
    let axes = kernel.shape.factoredAxes
    // Each axis takes an equal share of the kernel's scale, a power of two. Without it the weights lie near 1, so that
    // no square over- or underflows; taking it out and putting it back changes no bits.
    let share = exponent(of: kernel.weights) / axes.count
    let weights = kernel.weights.map { $0.scaled(byPowerOfTwo: -share * axes.count) }
    let vectors = try outerProduct(nearest: weights, lengths: axes.map { kernel.shape[$0] }, check)

    var factors = PerAxis<[Double]>(all: [1])
    for (axis, vector) in zip(axes, vectors) { factors[axis] = vector }
    let residual = absoluteDifference(between: weights, andProductOf: factors)
    let size = weights.reduce(0) { $0 + $1.magnitude }
    for axis in axes { factors[axis] = factors[axis].map { $0.scaled(byPowerOfTwo: share) } }

    self.factors = factors
    self.residual = residual.scaled(byPowerOfTwo: share * axes.count)
    self.relativeResidual = size > 0 ? residual / size : 0
  }
}

/// The vectors of the nearest outer product, first axis first.
private func outerProduct<Stop: Error>(
  nearest weights: [Double], lengths: [Int], _ check: StopCheck<Stop>
) throws(Stop) -> [[Double]] {
  // A 1-D kernel is its own factor, bit for bit.
  guard lengths.count > 1 else { return [weights] }
  var rest = weights
  var gain = 1.0
  var vectors: [[Double]] = []
  for length in lengths.dropLast() {
    // The first axis is the fastest, so the weights are this matrix already, column by column.
    let split = try SingularValues(
      of: Matrix(rows: length, columns: rest.count / length, elements: rest), check: check)
    vectors.append(split.left[0])
    gain *= split.values[0]
    rest = split.right[0]
  }
  let scale = lengths.count == 2 ? gain.squareRoot() : cubeRoot(gain)
  let signed = withSignsInTheLast(vectors + [rest])
  return try refined(signed.map { $0.map { $0 * scale } }, for: weights, check)
}

/// The same vectors with the rounding errors of the decomposition taken out: every rotation leaves some, so that the
/// product is a few ulps off. What the product leaves of the weights is given to each vector in turn by least squares;
/// then little more is left than the rounding of the vectors themselves.
private func refined<Stop: Error>(
  _ vectors: [[Double]], for weights: [Double], _ check: StopCheck<Stop>
) throws(Stop) -> [[Double]] {
  var refined = vectors
  for axis in vectors.indices {
    try check()
    let others = vectors.indices.filter { $0 != axis }
    let size = others.reduce(1) { $0 * refined[$1].reduce(0) { $0 + $1 * $1 } }
    guard size > 0 else { return vectors }
    var corrections = [Double](repeating: 0, count: refined[axis].count)
    for (index, weight) in weights.enumerated() {
      var (rest, product, place) = (index, 1.0, 0)
      for (other, vector) in refined.enumerated() {
        if other == axis { place = rest % vector.count } else { product *= vector[rest % vector.count] }
        rest /= vector.count
      }
      corrections[place] += (weight - refined[axis][place] * product) * product
    }
    refined[axis] = zip(refined[axis], corrections).map { $0 + $1 / size }
  }
  return refined
}

/// The same product, with the largest element of each vector but the last made positive.
private func withSignsInTheLast(_ vectors: [[Double]]) -> [[Double]] {
  var signed = vectors
  for index in vectors.indices.dropLast() {
    let largest = vectors[index].reduce(0) { $1.magnitude > $0.magnitude ? $1 : $0 }
    guard largest < 0 else { continue }
    signed[index] = signed[index].map { -$0 }
    signed[vectors.count - 1] = signed[vectors.count - 1].map { -$0 }
  }
  return signed
}

private func absoluteDifference(between weights: [Double], andProductOf factors: PerAxis<[Double]>) -> Double {
  var total = 0.0
  var index = 0
  for k in factors.k {
    for j in factors.j {
      for i in factors.i {
        total += (weights[index] - i * j * k).magnitude
        index += 1
      }
    }
  }
  return total
}

/// The exponent of the largest weight; 0 for zeros.
private func exponent(of weights: [Double]) -> Int {
  let largest = weights.reduce(0) { max($0, $1.magnitude) }
  return largest > 0 ? Int(largest.exponent) : 0
}

/// The cube root of a number that is not negative, by + × ÷ only: the C library's differs from one version to the next.
func cubeRoot(_ value: Double) -> Double {
  guard value > 0 else { return 0 }
  // Newton from above falls until rounding stops it.
  var root = max(value, 1)
  while true {
    let next = (2 * root + value / (root * root)) / 3
    guard next < root else { return root }
    root = next
  }
}

extension Double {
  /// self · 2^power, exact unless the result is subnormal or too large.
  fileprivate func scaled(byPowerOfTwo power: Int) -> Double {
    Double(sign: .plus, exponent: power, significand: self)
  }
}
