import Volumes

/// The outer product that comes nearest to a kernel, and how near that is.
///
/// A chain of singular value decompositions: the kernel as a matrix (first axis × all others) gives the taps of the first
/// axis and a smaller kernel for the others, and so on. Where the kernel is an outer product, this finds it; where it is
/// not, the first singular values say how far it is from one.
struct LeadingTerm {
  /// One vector per axis, of equal norm over the axes longer than 1; 1 on the others.
  let factors: PerAxis<[Double]>
  /// The singular values of each matrix on the way.
  let spectra: [[Double]]
  /// Σ|K − K̂|, K̂ being the product of the factors as they are, rounded.
  let residual: Double
  /// Σ|K − K̂| / Σ|K|; 0 for a kernel of zeros.
  let relativeResidual: Double

  /// Weights must be finite.
  init(of kernel: DenseKernel) {
    let axes = kernel.shape.factoredAxes
    // Powers of two change no bits: weights come close to 1, so that no square over- or underflows, and each factor takes
    // an equal share of the scale.
    let largest = kernel.weights.reduce(0) { max($0, $1.magnitude) }
    let share = largest > 0 ? Int(largest.exponent) / axes.count : 0
    let weights = kernel.weights.map { $0.scaled(byPowerOfTwo: -share * axes.count) }

    let (vectors, spectra) = outerProduct(nearest: weights, lengths: axes.map { kernel.shape[$0] })
    var factors = PerAxis<[Double]>(all: [1])
    for (axis, vector) in zip(axes, vectors) { factors[axis] = vector }
    let residual = absoluteDifference(between: weights, andProductOf: factors)
    let size = weights.reduce(0) { $0 + $1.magnitude }

    func unscaled(_ value: Double, shares: Int) -> Double { value.scaled(byPowerOfTwo: share * shares) }
    for axis in axes { factors[axis] = factors[axis].map { unscaled($0, shares: 1) } }
    self.factors = factors
    self.spectra = spectra.map { $0.map { unscaled($0, shares: axes.count) } }
    self.residual = unscaled(residual, shares: axes.count)
    self.relativeResidual = size > 0 ? residual / size : 0
  }
}

/// The vectors of the nearest outer product, first axis first, and the singular values of each matrix on the way.
private func outerProduct(nearest weights: [Double], lengths: [Int]) -> (vectors: [[Double]], spectra: [[Double]]) {
  var rest = weights
  var gain = 1.0
  var vectors: [[Double]] = []
  var spectra: [[Double]] = []
  for length in lengths.dropLast() {
    // The first axis is the fastest, so the weights are this matrix already, column by column.
    let split = SingularValues(of: Matrix(rows: length, columns: rest.count / length, elements: rest))
    spectra.append(split.values.map { $0 * gain })
    vectors.append(split.left[0])
    gain *= split.values[0]
    rest = split.right[0]
  }
  // A 1-D kernel gets here untouched, and stays so: the root of 1 is 1.
  if spectra.isEmpty { spectra = [[norm(rest)]] }
  let scale = root(of: gain, degree: lengths.count)
  return (withSignsLast(vectors + [rest]).map { $0.map { $0 * scale } }, spectra)
}

/// The same product, with the largest element of each vector but the last made positive.
private func withSignsLast(_ vectors: [[Double]]) -> [[Double]] {
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

/// The root of degree 1, 2 or 3, without the C library, whose `cbrt` differs from one version to the next.
private func root(of value: Double, degree: Int) -> Double {
  guard degree > 2, value > 0 else { return degree == 2 ? value.squareRoot() : value }
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
