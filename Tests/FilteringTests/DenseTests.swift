import Filtering
import Kernels
import Parallel
import Testing
import Volumes

@Suite struct `A dense kernel` {
  /// Sizes below, at and above those of the blocks and of the volume, with origins anywhere, also outside.
  @Test(arguments: 0..<40) func `has the bits of its definition, in the order of its weights`(seed: Int) throws {
    var dice = Dice(300 + seed)
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &dice) }
    let shape = try #require(Shape(i: pick(1...50), j: pick(1...40), k: pick(1...12)))
    let size = try #require(Shape(i: pick(1...9), j: pick(1...9), k: pick(1...9)))
    let kernel = random(&dice, size, origin: PerAxis(pick(-2...size.i + 1), pick(-2...size.j + 1), pick(0...size.k)))
    let boundary = boundaries[seed % 5]
    try check(kernel, boundary, try dice.frame(shape, of: Float.self))
    try check(kernel, boundary, try dice.frame(shape, of: Double.self))
  }

  @Test func `may be many times as wide as the volume`() throws {
    var dice = Dice(350)
    for (i, j, k) in [(70, 1, 1), (1, 70, 2), (2, 1, 70), (20, 20, 20)] {
      let size = try #require(Shape(i: i, j: j, k: k))
      let kernel = random(&dice, size, origin: PerAxis(i / 2, j / 3, k - 1))
      for boundary in boundaries.dropLast() {
        for (i, j, k) in [(5, 4, 3), (1, 1, 1), (1, 20, 1)] {
          try check(kernel, boundary, try dice.frame(try #require(Shape(i: i, j: j, k: k)), of: Float.self))
        }
      }
    }
  }

  @Test func `spreads what is not a number over all of its weights, also the zeros`() throws {
    let size = try #require(Shape(i: 3, j: 3, k: 3))
    let kernel = DenseKernel(shape: size, weights: (0..<27).map { $0 == 13 ? 1 : 0 }, origin: PerAxis(all: 1))
    let frame = try Frame<Float>(shape: try #require(Shape(i: 40, j: 15, k: 9)))
    frame.voxels[(4 * 15 + 7) * 40 + 20] = .nan
    let found = try Engine(threads: 2).apply(.linear(kernel, .nearest), to: frame, absentNonFinite: false)
    #expect(found.voxels.count { $0.isNaN } == 27)
  }

  private func random(_ dice: inout Dice, _ size: Shape, origin: PerAxis<Int>) -> DenseKernel {
    DenseKernel(
      shape: size, weights: (0..<size.count).map { _ in Double.random(in: -1...1, using: &dice) }, origin: origin)
  }

  private func check<S: ComputeScalar>(_ kernel: DenseKernel, _ boundary: Boundary, _ frame: Frame<S>) throws {
    let expected = inOrder(kernel, boundary, frame)
    for set in InstructionSet.available {
      for threads in [1, 3, 8] {
        let found = try Engine(threads: threads, set)
          .apply(.linear(kernel, boundary), to: try copy(frame), absentNonFinite: false)
        #expect(
          Array(found.voxels) == expected,
          "\(set.name), \(threads) threads, \(frame.shape), kernel \(kernel.shape), \(boundary)")
      }
    }
  }

  /// The first product, rounded, and then one fused multiply-add per weight, i fastest.
  private func inOrder<S: ComputeScalar>(_ kernel: DenseKernel, _ boundary: Boundary, _ frame: Frame<S>) -> [S] {
    var outside: S = 0
    if case .constant(let value) = boundary { outside = S(value) }
    let (shape, size, origin) = (frame.shape, kernel.shape, kernel.origin)
    let weights = kernel.weights.map { S($0) }
    return (0..<shape.count).map { place in
      let (x, y, z) = (place % shape.i, place / shape.i % shape.j, place / shape.slice)
      var sum: S = -0.0
      for (index, weight) in weights.enumerated() {
        let i = boundary.source(of: x + index % size.i - origin.i, length: shape.i)
        let j = boundary.source(of: y + index / size.i % size.j - origin.j, length: shape.j)
        let k = boundary.source(of: z + index / size.slice - origin.k, length: shape.k)
        var voxel = outside
        if let i, let j, let k { voxel = frame.voxels[(k * shape.j + j) * shape.i + i] }
        sum.addProduct(weight, voxel)
      }
      return sum
    }
  }
}
