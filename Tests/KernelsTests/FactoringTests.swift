import Kernels
import SeededNumbers
import Testing
import Volumes

private func kernel(_ lengths: (Int, Int, Int), weight: (Int, Int, Int) -> Double) throws -> DenseKernel {
  let shape = try #require(Shape(i: lengths.0, j: lengths.1, k: lengths.2))
  var weights: [Double] = []
  for k in 0..<shape.k {
    for j in 0..<shape.j {
      for i in 0..<shape.i { weights.append(weight(i, j, k)) }
    }
  }
  return DenseKernel(shape: shape, weights: weights, origin: shape.lengths.map { $0 / 2 })
}

private func randomVector(_ count: Int, _ random: inout SeededNumbers) -> [Double] {
  (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
}

private func randomProduct(_ lengths: (Int, Int, Int), seed: UInt64) throws -> DenseKernel {
  var random = SeededNumbers(seed: seed)
  let i = randomVector(lengths.0, &random)
  let j = randomVector(lengths.1, &random)
  let k = randomVector(lengths.2, &random)
  return try kernel(lengths) { i[$0] * j[$1] * k[$2] }
}

private func scaled(_ kernel: DenseKernel, by factor: Double) -> DenseKernel {
  DenseKernel(shape: kernel.shape, weights: kernel.weights.map { $0 * factor }, origin: kernel.origin)
}

private func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
private func absoluteSum(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1.magnitude } }

private let sizes = [(3, 3, 1), (5, 1, 7), (1, 4, 2), (7, 5, 3), (2, 2, 2), (9, 9, 9), (1, 6, 1), (3, 40, 2)]

@Test(arguments: sizes) func `a product of floats is found, within rounding`(lengths: (Int, Int, Int)) throws {
  for seed in 1...20 as ClosedRange<UInt64> {
    let kernel = try randomProduct(lengths, seed: seed)
    let found = Factoring.factor(kernel, tolerance: 1e-12)
    #expect(found.method == .separable)
    #expect(found.rank == 1)
    #expect(found.isInteger == false)
    let product = outerProduct(of: try #require(found.terms.first))
    let residual = absoluteSum(zip(kernel.weights, product).map { $0 - $1 })
    #expect(residual <= 1e-14 * absoluteSum(kernel.weights))
    // Powers of two move between kernel and factors without rounding, so it is the same sum to the last bit.
    #expect(found.bound == residual)
    #expect(found.multipliesBefore == kernel.weights.count)
    #expect(found.multipliesAfter == [lengths.0, lengths.1, lengths.2].filter { $0 > 1 }.reduce(0, +))
  }
}

@Test(arguments: sizes) func `factors are balanced, and the last carries the sign`(lengths: (Int, Int, Int)) throws {
  let kernel = try randomProduct(lengths, seed: 77)
  let term = try #require(Factoring.factor(kernel, tolerance: 1e-12).terms.first)
  let factors = term.array.compactMap { $0?.weights }
  for factor in factors { #expect((norm(factor) / norm(factors[0]) - 1).magnitude < 1e-14) }
  for factor in factors.dropLast() {
    let largest = factor.max { $0.magnitude < $1.magnitude }
    #expect((largest ?? 0) > 0)
  }
}

@Test(arguments: [1e-300, 1e-9, 3, 1e9, 1e300]) func `the unit of the weights changes nothing`(unit: Double) throws {
  let sphere = try kernel((5, 5, 5)) { i, j, k in
    (i - 2) * (i - 2) + (j - 2) * (j - 2) + (k - 2) * (k - 2) <= 4 ? 0.1 : 0
  }
  let rough = Factoring.factor(sphere, tolerance: 1e-6)
  let roughInUnit = Factoring.factor(scaled(sphere, by: unit), tolerance: 1e-6)
  #expect(roughInUnit.method == .dense)
  #expect(roughInUnit.rank == rough.rank)

  let smooth = try randomProduct((5, 4, 3), seed: 5)
  let smoothInUnit = Factoring.factor(scaled(smooth, by: unit), tolerance: 1e-12)
  #expect(smoothInUnit.method == .separable)
  #expect(smoothInUnit.bound <= 1e-14 * unit * absoluteSum(smooth.weights))
}

@Test func `a power of two moves into the factors without a trace`() throws {
  let kernel = try randomProduct((5, 4, 1), seed: 6)
  let term = try #require(Factoring.factor(kernel, tolerance: 1e-12).terms.first)
  let small = try #require(Factoring.factor(scaled(kernel, by: 0x1p-80), tolerance: 1e-12).terms.first)
  #expect(small.i?.weights == term.i?.weights.map { $0 * 0x1p-40 })
  #expect(small.j?.weights == term.j?.weights.map { $0 * 0x1p-40 })
}

@Test func `a float kernel along one axis keeps its bits`() throws {
  for weights in [[0.1, 0.2, 0.7], [-0.3, 1e290, 1e300], [.leastNonzeroMagnitude, 0.5]] as [[Double]] {
    for axis in Axis.allCases {
      var lengths = PerAxis(all: 1)
      lengths[axis] = weights.count
      let shape = try #require(Shape(i: lengths.i, j: lengths.j, k: lengths.k))
      let found = Factoring.factor(DenseKernel(shape: shape, weights: weights, origin: lengths), tolerance: 0)
      #expect(found.terms.first?[axis]?.weights == weights)
      #expect(found.bound == 0)
    }
  }
}

@Test func `origins stay with their axes, and a shift is a pass`() throws {
  let shape = try #require(Shape(i: 2, j: 1, k: 3))
  let kernel = DenseKernel(shape: shape, weights: [1, 2, 2, 4, 3, 6], origin: PerAxis(-4, 2, 9))
  let term = try #require(Factoring.factor(kernel, tolerance: 1e-6).terms.first)
  #expect(term.i == Taps(weights: [1, 2], origin: -4))
  #expect(term.j == Taps(weights: [1], origin: 2))
  #expect(term.k == Taps(weights: [1, 2, 3], origin: 9))
}

@Test(
  arguments: [
    // (weights of a 3×3 kernel, its rank)
    ([0, 1, 0, 1, -4, 1, 0, 1, 0], 2),
    ([1, 1, 1, 1, -8, 1, 1, 1, 1], 2),
    ([1, 0, 0, 0, 1, 0, 0, 0, 1], 3),
    ([0.5, 0.25, 0, 0.25, 0.5, 0.25, 0, 0.25, 0.5], 3),
  ] as [([Double], Int)])
func `kernels that are no product stay dense, with their rank`(weights: [Double], rank: Int) throws {
  let shape = try #require(Shape(i: 3, j: 3))
  let found = Factoring.factor(DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: 1)), tolerance: 1e-6)
  #expect(found.method == .dense)
  #expect(found.rank == rank)
  #expect(found.terms.isEmpty)
  #expect(found.bound == 0)
  #expect(found.multipliesAfter == 9)
}

@Test func `a product along i of a kernel that is none in j and k is told from both`() throws {
  let plane: [Double] = [0, 1, 0, 1, -4, 1, 0, 1, 0]
  let found = Factoring.factor(try kernel((4, 3, 3)) { i, j, k in Double(i + 1) * plane[j + 3 * k] }, tolerance: 1e-6)
  #expect(found.method == .dense)
  #expect(found.rank == 2)
  // The Laplacian's own, times the norm of (1, 2, 3, 4).
  let laplacian = SingularValues(of: Matrix(rows: 3, columns: 3, elements: plane)).values.map { $0 * 30.0.squareRoot() }
  for (found, expected) in zip(found.singularValues, laplacian) { #expect((found - expected).magnitude < 1e-12) }
}

@Test func `the tolerance decides, on both sides of the disturbance`() throws {
  var random = SeededNumbers(seed: 9)
  let exact = try randomProduct((7, 7, 7), seed: 8)
  let disturbance = randomVector(exact.weights.count, &random)
  let size = absoluteSum(exact.weights) / absoluteSum(disturbance)
  let weights = zip(exact.weights, disturbance).map { $0 + 1e-5 * size * $1 }
  let disturbed = DenseKernel(shape: exact.shape, weights: weights, origin: exact.origin)
  #expect(Factoring.factor(disturbed, tolerance: 1e-6).method == .dense)
  let found = Factoring.factor(disturbed, tolerance: 1e-4)
  #expect(found.method == .separable)
  #expect(found.bound > 1e-6 * absoluteSum(weights))
  #expect(found.bound <= 1e-4 * absoluteSum(weights))
}

@Test func `a rank-1 spectrum with too large a residual is no outer product`() throws {
  // Many small disturbances: no second singular value of note, but a sum that counts.
  let base = try kernel((33, 33, 1)) { _, _, _ in 0.1 }
  let weights = base.weights.indices.map { 0.1 + ($0 % 34 == 0 ? 3e-6 : 0) }
  let disturbed = DenseKernel(shape: base.shape, weights: weights, origin: base.origin)
  let found = Factoring.factor(disturbed, tolerance: 1.5e-6)
  let ratio = found.singularValues[1] / found.singularValues[0]
  #expect(ratio <= 1.5e-6)
  #expect(found.method != .separable)
  #expect(found.bound <= 1.5e-6 * absoluteSum(weights))
  #expect(found.rank == 2)
}

@Test func `the bound holds for every voxel`() throws {
  let volumeShape = try #require(Shape(i: 6, j: 5, k: 4))
  for seed in 1...5 as ClosedRange<UInt64> {
    var random = SeededNumbers(seed: seed)
    let exact = try randomProduct((3, 4, 3), seed: seed + 100)
    let weights = exact.weights.map { $0 + Double.random(in: -1e-3...1e-3, using: &random) }
    let kernel = DenseKernel(shape: exact.shape, weights: weights, origin: exact.origin)
    let found = Factoring.factor(kernel, tolerance: 0.1)
    let product = outerProduct(of: try #require(found.terms.first))
    let separable = DenseKernel(shape: kernel.shape, weights: product, origin: kernel.origin)
    let volume = randomVector(volumeShape.count, &random)
    let largest = volume.reduce(0) { max($0, $1.magnitude) }
    let pairs = zip(
      correlated(volume, shape: volumeShape, with: kernel), correlated(volume, shape: volumeShape, with: separable))
    for (dense, separable) in pairs { #expect((dense - separable).magnitude <= found.bound * largest + 1e-14) }
  }
}

@Test func `a weight that is not finite stays where it is`() throws {
  for weight in [Double.nan, .infinity] {
    let found = Factoring.factor(try kernel((2, 2, 1)) { i, j, _ in i + j == 0 ? weight : 1 }, tolerance: 1e-6)
    #expect(found.method == .dense)
    #expect(found.singularValues.isEmpty)
  }
}
