import Kernels
import SeededNumbers
import Testing
import Volumes

/// The kernel whose factors are given, its origin in the middle.
private func product(_ i: [Int], _ j: [Int] = [1], _ k: [Int] = [1]) throws -> DenseKernel {
  let shape = try #require(Shape(i: i.count, j: j.count, k: k.count))
  let weights = k.flatMap { k in j.flatMap { j in i.map { i in Double(i * j * k) } } }
  return DenseKernel(shape: shape, weights: weights, origin: shape.lengths.map { $0 / 2 })
}

private func factors(_ kernel: DenseKernel) throws -> [[Double]?] {
  let found = Factoring.factor(kernel, tolerance: 1e-6)
  #expect(found.method == .separable)
  #expect(found.isInteger)
  #expect(found.rank == 1)
  #expect(found.bound == 0)
  let term = try #require(found.terms.first)
  #expect(outerProduct(of: term) == kernel.weights)
  return term.array.map { $0?.weights }
}

@Test func `sobel has small integer factors`() throws {
  #expect(try factors(product([-1, 0, 1], [1, 2, 1])) == [[1, 0, -1], [-1, -2, -1], nil])
  #expect(try factors(product([1, 2, 1], [1, 2, 1], [1, 2, 1])) == [[1, 2, 1], [1, 2, 1], [1, 2, 1]])
}

@Test func `a shared factor is counted once`() throws {
  #expect(try factors(product([6, 12], [6, 27])) == [[1, 2], [36, 162], nil])
  #expect(try factors(product([6, 12], [6, 27], [10, 4])) == [[1, 2], [2, 9], [180, 72]])
}

@Test func `zero borders and a zero first weight do not hide the factors`() throws {
  #expect(try factors(product([0, 1, 2, 0], [0, 0, 3, 0])) == [[0, 1, 2, 0], [0, 0, 3, 0], nil])
  #expect(try factors(product([0, 5], [0, 0, -2], [0, 7, 0])) == [[0, 1], [0, 0, 1], [0, -70, 0]])
  #expect(try factors(product([4, 0, -4], [0, 1, 0])) == [[1, 0, -1], [0, 4, 0], nil])
}

@Test func `the last factor carries the sign`() throws {
  #expect(try factors(product([-1, -2], [3, 5])) == [[1, 2], [-3, -5], nil])
  #expect(try factors(product([1, -3], [-5, 2], [-1, 0])) == [[-1, 3], [5, -2], [-1, 0]])
  #expect(try factors(product([-3, 2])) == [[-3, 2], nil, nil])
}

@Test func `a kernel along one axis is its own factor`() throws {
  #expect(try factors(product([2, 4, 6])) == [[2, 4, 6], nil, nil])
  #expect(try factors(product([1], [2, 4, 6])) == [nil, [2, 4, 6], nil])
  #expect(try factors(product([1], [1], [-2, 4, 6])) == [nil, nil, [-2, 4, 6]])
  #expect(try factors(product([1], [2, 4], [3, 3])) == [nil, [1, 2], [6, 6]])
}

@Test func `a single weight needs one tap, and the weight 1 none`() throws {
  #expect(try factors(product([7])) == [[7], nil, nil])
  #expect(try factors(product([-1])) == [[-1], nil, nil])
  #expect(try factors(product([1])) == [nil, nil, nil])
}

@Test(arguments: 0..<300) func `every product of integers is factored, and exactly`(seed: Int) throws {
  var random = SeededNumbers(seed: UInt64(seed))
  func vector() -> [Int] {
    let multiple = Int.random(in: -12...12, using: &random)
    let weights = (0..<Int.random(in: 1...6, using: &random)).map { _ in Int.random(in: -30...30, using: &random) }
    return weights.map { $0 * multiple }
  }
  var kernel: DenseKernel
  repeat { kernel = try product(vector(), vector(), vector()) } while kernel.weights.allSatisfy { $0 == 0 }
  _ = try factors(kernel)
}

@Test func `one weight beside the product is found`() throws {
  let kernel = try product([1, 2, 1], [3, 0, 5], [7, -2])
  for index in kernel.weights.indices {
    var weights = kernel.weights
    weights[index] += 1
    let other = DenseKernel(shape: kernel.shape, weights: weights, origin: kernel.origin)
    let found = Factoring.factor(other, tolerance: 1e-6)
    #expect(found.method == .dense)
    #expect(found.isInteger == false)
    #expect(found.rank >= 2)
  }
}

@Test func `the largest integers are factored, and larger ones are not taken for exact`() throws {
  let large = 1 << 26
  #expect(try factors(product([large, 1], [large * 2, 3])) == [[Double(large), 1], [Double(large * 2), 3], nil])
  let shape = try #require(Shape(i: 2, j: 2))
  let beyond = DenseKernel(shape: shape, weights: [0x1p53, 0x1p54, 0x1p54, 0x1p55], origin: PerAxis(all: 0))
  let found = Factoring.factor(beyond, tolerance: 1e-6)
  #expect(found.method == .separable)
  #expect(found.isInteger == false)
}

@Test func `products that overflow are refused, not wrapped`() throws {
  // The fibres through the first weight are a product's, and the last weight is that product modulo 2⁶⁴.
  let plane = try #require(Shape(i: 2, j: 2))
  let cube = try #require(Shape(i: 2, j: 2, k: 2))
  for (shape, weights) in [
    (plane, [1, 0x1p53, 0x1p53, 0]),
    (cube, [1, 0x1p22, 0x1p21, 0x1p43, 0x1p21, 0x1p43, 0x1p42, 0]),
  ] {
    let kernel = DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: 0))
    let found = Factoring.factor(kernel, tolerance: 1e-20)
    #expect(found.method == .dense)
    #expect(found.isInteger == false)
  }
}

@Test func `zeros have rank zero`() throws {
  let kernel = try product([0, 0, 0], [0, 0])
  let found = Factoring.factor(kernel, tolerance: 1e-6)
  #expect(found.method == .separable)
  #expect(found.rank == 0)
  #expect(found.terms.map { $0.array.map { $0?.weights } } == [[[0, 0, 0], [0, 0], nil]])
  #expect(found.singularValues == [0, 0])
}
