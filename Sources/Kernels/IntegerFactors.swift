import Volumes

/// The factors of a kernel of integers, when it is exactly the outer product of three integer vectors.
///
/// Take the three fibres (weights along i, j and k) through any weight that is not zero, and divide each by the gcd of
/// its weights. If the kernel is a product, these are its factors up to one integer, because the gcd of an outer
/// product is the product of the gcds (Gauss's lemma). One division finds that integer, and one comparison of every
/// weight tells whether the kernel was a product at all.
///
/// The first row and column would not do: in padded kernels they are zero.
///
/// - Returns: `nil` unless every weight is an integer up to 2⁵³ and the product of the factors is the kernel, all of it
///   computed without overflow. The largest element of a factor is positive, except in the factor of the last axis
///   longer than 1, which carries the sign and what all weights have in common. Cost: a few passes over the weights.
func integerFactors(of kernel: DenseKernel) -> PerAxis<[Int64]>? {
  guard let weights = exactIntegers(kernel.weights) else { return nil }
  let axes = kernel.shape.factoredAxes
  guard let seed = weights.firstIndex(where: { $0 != 0 }) else { return zeros(on: axes, of: kernel.shape) }
  let position = kernel.shape.position(of: seed)
  var factors = fibres(of: weights, shape: kernel.shape, through: position).map(primitive)

  guard let found = checkedProduct(factors.i[position.i], factors.j[position.j], factors.k[position.k]),
    weights[seed].isMultiple(of: found)
  else { return nil }
  let last = axes[axes.count - 1]
  guard let scaled = scaled(factors[last], by: weights[seed] / found) else { return nil }
  factors[last] = scaled
  return isProduct(weights, of: factors) ? factors : nil
}

/// Zeros on every axis that counts, and the weight 1 on the others.
private func zeros(on axes: [Axis], of shape: Shape) -> PerAxis<[Int64]> {
  var factors = PerAxis<[Int64]>(all: [1])
  for axis in axes { factors[axis] = Array(repeating: 0, count: shape[axis]) }
  return factors
}

/// The weights as integers, if all are and Double holds their neighbours exactly too.
private func exactIntegers(_ weights: [Double]) -> [Int64]? {
  var integers: [Int64] = []
  integers.reserveCapacity(weights.count)
  for weight in weights {
    guard weight.magnitude <= 0x1p53, let integer = Int64(exactly: weight) else { return nil }
    integers.append(integer)
  }
  return integers
}

/// The weights along i, j and k that share one position.
private func fibres(of weights: [Int64], shape: Shape, through position: PerAxis<Int>) -> PerAxis<[Int64]> {
  let origin = shape.index(of: position)
  func fibre(_ length: Int, at position: Int, stride: Int) -> [Int64] {
    (0..<length).map { weights[origin + ($0 - position) * stride] }
  }
  return PerAxis(
    fibre(shape.i, at: position.i, stride: 1),
    fibre(shape.j, at: position.j, stride: shape.i),
    fibre(shape.k, at: position.k, stride: shape.slice))
}

/// The vector divided by the gcd of its elements, its largest element positive. Not all elements are zero.
private func primitive(_ vector: [Int64]) -> [Int64] {
  let largest = vector.reduce(0) { $1.magnitude > $0.magnitude ? $1 : $0 }
  let divisor = vector.reduce(0, greatestCommonDivisor) * largest.signum()
  return vector.map { $0 / divisor }
}

/// Euclid's. Never negative; the gcd of 0 and a is |a|. (Weights are at most 2⁵³, so `abs` cannot overflow.)
private func greatestCommonDivisor(_ a: Int64, _ b: Int64) -> Int64 {
  var (a, b) = (abs(a), abs(b))
  while b != 0 { (a, b) = (b, a % b) }
  return a
}

/// Whether each weight is the product of its three factors' elements.
private func isProduct(_ weights: [Int64], of factors: PerAxis<[Int64]>) -> Bool {
  var index = 0
  for k in factors.k {
    for j in factors.j {
      for i in factors.i {
        guard checkedProduct(i, j, k) == weights[index] else { return false }
        index += 1
      }
    }
  }
  return true
}

private func scaled(_ vector: [Int64], by factor: Int64) -> [Int64]? {
  var result: [Int64] = []
  for element in vector {
    guard let product = checkedProduct(element, factor) else { return nil }
    result.append(product)
  }
  return result
}

/// The product; `nil` when it, or the product of the first two, does not fit.
private func checkedProduct(_ a: Int64, _ b: Int64, _ c: Int64 = 1) -> Int64? {
  let (ab, overflowed) = a.multipliedReportingOverflow(by: b)
  let (abc, overflowedAgain) = ab.multipliedReportingOverflow(by: c)
  return overflowed || overflowedAgain ? nil : abc
}
