import Kernels
import SeededNumbers
import Testing
import Volumes

// Kernels that are no outer product, and what becomes of them.

private func kernel(_ lengths: (Int, Int, Int), weight: (Double, Double, Double) -> Double) throws -> DenseKernel {
  let shape = try #require(Shape(i: lengths.0, j: lengths.1, k: lengths.2))
  let centre = shape.lengths.map { Double($0 / 2) }
  var weights: [Double] = []
  for k in 0..<shape.k {
    for j in 0..<shape.j {
      for i in 0..<shape.i { weights.append(weight(Double(i) - centre.i, Double(j) - centre.j, Double(k) - centre.k)) }
    }
  }
  return DenseKernel(shape: shape, weights: weights, origin: shape.lengths.map { $0 / 2 })
}

private func ball(_ radius: Int) throws -> DenseKernel {
  let length = 2 * radius + 1
  return try kernel((length, length, length)) { $0 * $0 + $1 * $1 + $2 * $2 <= Double(radius * radius) ? 1 : 0 }
}

/// −∂²/∂r² of a Gaussian, without its constants.
private func laplacianOfGaussian(_ radius: Int, variance: Double) throws -> DenseKernel {
  let length = 2 * radius + 1
  return try kernel((length, length, length)) { x, y, z in
    let square = x * x + y * y + z * z
    return (square / variance - 3) / variance * exponential(-square / (2 * variance))
  }
}

/// Cosine by its series; arguments are small.
private func cosine(_ x: Double) -> Double {
  var (sum, term) = (0.0, 1.0)
  for n in stride(from: 1.0, to: 60, by: 2) {
    sum += term
    term *= -x * x / (n * (n + 1))
  }
  return sum
}

private func scaled(_ kernel: DenseKernel, by factor: Double) -> DenseKernel {
  DenseKernel(shape: kernel.shape, weights: kernel.weights.map { $0 * factor }, origin: kernel.origin)
}

private func absoluteSum(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1.magnitude } }

/// What terms come to, by the definition of their passes: the answer to an impulse, turned round.
private func rebuilt(_ terms: [PerAxis<Taps?>], like kernel: DenseKernel) -> [Double] {
  var weights = Array(repeating: 0.0, count: kernel.weights.count)
  for (index, _) in weights.enumerated() {
    let shape = kernel.shape
    let position = PerAxis(index % shape.i, index / shape.i % shape.j, index / shape.i / shape.j)
    weights[index] = terms.reduce(0) { sum, term in
      sum
        + Axis.allCases.reduce(1) { product, axis in
          let offset = position[axis] - kernel.origin[axis]
          guard let taps = term[axis] else { return offset == 0 ? product : 0 }
          let place = offset + taps.origin
          return taps.weights.indices.contains(place) ? product * taps.weights[place] : 0
        }
    }
  }
  return weights
}

private func error(_ terms: [PerAxis<Taps?>], _ kernel: DenseKernel) -> Double {
  absoluteSum(zip(kernel.weights, rebuilt(terms, like: kernel)).map { $0 - $1 })
}

@Suite struct SumTests {
  @Test func `the singular values of every unfolding are LAPACK's`() throws {
    let cases = try GoldenCase.all(in: "unfoldings.txt")
    #expect(cases.count == 22)
    for var golden in cases {
      var subject: DenseKernel
      if try golden.word() == "ball" {
        subject = try ball(golden.integer())
      } else {
        let shape = try #require(
          Shape(i: golden.integer(), j: golden.integer(), k: golden.integer()), "\(golden)")
        subject = DenseKernel(shape: shape, weights: try golden.doubles(shape.count), origin: PerAxis(all: 0))
      }
      let found = Factoring.factor(subject, tolerance: 1e-9).spectra
      for axis in Axis.allCases {
        let expected = try golden.doubles(found[axis].count)
        let limit = 1e-14 * expected[0] * Double(expected.count)
        #expect(zip(found[axis], expected).allSatisfy { ($0 - $1).magnitude <= limit }, "\(golden) along \(axis)")
      }
      #expect(try golden.remainingDoubles().isEmpty)
    }
  }

  @Test(arguments: 0..<500) func `random kernels are rebuilt within the bound that is told`(seed: Int) throws {
    var random = SeededNumbers(seed: UInt64(seed))
    func length() -> Int { Int.random(in: 1...9, using: &random) }
    let shape = try #require(Shape(i: length(), j: length(), k: length()))
    let isInteger = seed.isMultiple(of: 3)
    let border = seed.isMultiple(of: 5) ? 1 : 0
    func vector(_ count: Int) -> [Double] {
      (0..<count).map { place in
        if place < border || place >= count - border, count > 2 { return 0 }
        return isInteger ? Double(Int.random(in: -9...9, using: &random)) : Double.random(in: -1...1, using: &random)
      }
    }
    let rank = seed % 4 + 1
    var weights = Array(repeating: 0.0, count: shape.count)
    for _ in 0..<rank {
      let (i, j, k) = (vector(shape.i), vector(shape.j), vector(shape.k))
      for place in weights.indices {
        weights[place] += i[place % shape.i] * j[place / shape.i % shape.j] * k[place / shape.slice]
      }
    }
    let unit = [1, 1e12, 1e-12][seed / 7 % 3]
    let subject = DenseKernel(shape: shape, weights: weights.map { $0 * unit }, origin: shape.lengths.map { $0 / 2 })
    let size = absoluteSum(subject.weights)

    let found = Factoring.factor(subject, tolerance: 1e-9)
    #expect(found.rank <= rank)
    #expect(found.bound <= 1e-9 * size)
    if found.method != .dense {
      #expect((error(found.terms, subject) - found.bound).magnitude <= 1e-15 * size)
      #expect(found.multipliesAfter <= found.multipliesBefore + 4)
    }
    if found.isInteger { #expect(rebuilt(found.terms, like: subject) == subject.weights) }
    // Zeros inside a border of zeros have no sum of terms, and need none.
    guard size > 0 else { return #expect(found.method == .separable && found.rank == 0) }
    let sum = try #require(Factoring.sum(of: subject, tolerance: 1e-9))
    #expect(error(sum, subject) <= 1e-9 * size * (1 + 1e-6))
  }

  @Test(arguments: 1...10) func `a ball shares its passes along i and k`(radius: Int) throws {
    let subject = try ball(radius)
    let found = Factoring.factor(subject, tolerance: 1e-6)
    let sum = try #require(Factoring.sum(of: subject, tolerance: 1e-6))
    #expect(error(sum, subject) <= 1e-6 * absoluteSum(subject.weights))
    guard radius > 1 else { return }
    let passes = SharedPasses(sum)
    #expect(passes.alongI.count == found.rank)
    #expect(passes.groups.count == found.rank)
    #expect(passes.multiplies < subject.weights.count)
    #expect((found.method == .rankR) == (radius >= 5), "\(found.reason)")
  }

  @Test func `Laplacians are known by their crosses and their middles`() throws {
    let six = try kernel((3, 3, 3)) { x, y, z in
      let steps = x * x + y * y + z * z
      return steps == 0 ? -6 : steps == 1 ? 1 : 0
    }
    let cross = try #require(Factoring.sum(of: six, tolerance: 0))
    #expect(cross.map { $0.array.compactMap { $0?.weights } } == Array(repeating: [[1, -2, 1]], count: 3))

    let all = try kernel((3, 3, 3)) { x, y, z in x * x + y * y + z * z == 0 ? -26 : 1 }
    let box = try #require(Factoring.sum(of: all, tolerance: 0))
    #expect(box.map { $0.array.map { $0?.weights } } == [[[1, 1, 1], [1, 1, 1], [1, 1, 1]], [[-27], nil, nil]])
  }

  @Test func `a cross beside the voxel is shifted there`() throws {
    let shape = try #require(Shape(i: 3, j: 4, k: 2))
    var weights = Array(repeating: 0.0, count: 24)
    for (i, j, k) in [(0, 2, 1), (1, 2, 1), (2, 2, 1), (1, 0, 1), (1, 2, 0)] { weights[(k * 4 + j) * 3 + i] = 2 }
    let subject = DenseKernel(shape: shape, weights: weights, origin: PerAxis(0, -1, 5))
    let sum = try #require(Factoring.sum(of: subject, tolerance: 0))
    #expect(sum.count == 3)
    #expect(rebuilt(sum, like: subject) == weights)
  }

  @Test func `a Laplacian of a Gaussian and a Gabor take few passes`() throws {
    let log = Factoring.factor(try laplacianOfGaussian(6, variance: 4), tolerance: 1e-6)
    #expect(log.method == .rankR)
    #expect(log.rank == 2)
    #expect(SharedPasses(log.terms).count <= 8)
    let gabor = try kernel((15, 15, 15)) { x, y, z in
      exponential(-(x * x + y * y + z * z) / 18) * cosine(0.5 * x + 0.4 * y + 0.3 * z)
    }
    let found = Factoring.factor(gabor, tolerance: 1e-6)
    #expect(found.rank == 2)
    #expect(SharedPasses(found.terms).count <= 8)
  }

  @Test(arguments: [1e-300, 1e-9, 7, 1e9, 1e300]) func `the unit changes neither choice nor terms`(unit: Double) throws
  {
    for radius in [2, 5, 6] {
      let subject = try ball(radius)
      let plain = Factoring.factor(subject, tolerance: 1e-3)
      let other = Factoring.factor(scaled(subject, by: unit), tolerance: 1e-3)
      #expect(other.method == plain.method)
      #expect(other.terms.count == plain.terms.count)
      #expect((other.bound / unit - plain.bound).magnitude <= 1e-12 * absoluteSum(subject.weights))
    }
  }

  @Test(arguments: [1e-1, 1e-2, 1e-4]) func `some input is as far off as the bound says`(tolerance: Double) throws {
    let subject = try ball(6)
    let found = Factoring.factor(subject, tolerance: tolerance)
    #expect(found.method == .rankR)
    let difference = zip(subject.weights, rebuilt(found.terms, like: subject)).map { $0 - $1 }
    // Voxels of ±1 that agree with every difference in sign.
    let worst = zip(difference, difference.map { $0 < 0 ? -1.0 : 1 }).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(worst <= found.bound * (1 + 1e-12))
    #expect(worst >= found.bound * (1 - 1e-12))
    #expect(found.bound <= tolerance * absoluteSum(subject.weights))
  }

  @Test func `a larger tolerance never costs more multiplications`() throws {
    let subject = try ball(7)
    let costs = [1e-12, 1e-6, 1e-3, 1e-2, 1e-1].map {
      Factoring.factor(subject, tolerance: $0).multipliesAfter
    }
    #expect(costs == costs.sorted(by: >))
    #expect(costs[4] < costs[0] / 2)
  }
}
