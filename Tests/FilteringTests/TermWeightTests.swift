import Filtering
import Kernels
import Testing
import Volumes

/// Sums whose terms cancel, divided by their weight.
@Suite struct `The weight of a sum` {
  private let shape = Shape(i: 26, j: 17, k: 12)

  /// A ball of ones in a block of 9³, and what terms come near to it.
  private struct Ball {
    let kernel: DenseKernel
    let terms: [Passes]
    let residual: Double

    init(tolerance: Double) throws {
      let shape = try #require(Shape(i: 9, j: 9, k: 9))
      let weights = (0..<shape.count).map { index in
        let (x, y, z) = (index % 9 - 4, index / 9 % 9 - 4, index / 81 - 4)
        return x * x + y * y + z * z <= 16 ? 1.0 : 0
      }
      kernel = DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: 4))
      terms = try #require(Factoring.sum(of: kernel, tolerance: tolerance))
      residual = Factoring.residual(of: terms, for: kernel)
    }

    func chain(_ boundary: Boundary, mask: MaskedConvolution? = nil) -> Chain {
      .linear(terms, boundary, mask: mask, facts: KernelFacts(isMean: true, residual: residual))
    }
  }

  private func mask(_ shape: Shape, oneIn few: Int, _ dice: inout Dice) -> MaskedConvolution {
    let inside = (0..<shape.count).map { _ in Int.random(in: 0..<few, using: &dice) == 0 ? UInt8(1) : 0 }
    return MaskedConvolution(mask: Mask(shape: shape, inside: inside), outside: .zero, minimumWeight: 0)
  }

  @Test(arguments: boundaries) func `is none where no voxel is in reach`(boundary: Boundary) throws {
    var dice = Dice(51)
    let shape = try #require(shape)
    let ball = try Ball(tolerance: 1e-9)
    #expect(
      ball.terms.count > 1 && ball.terms.contains { $0.array.contains { $0?.weights.contains { $0 < 0 } == true } })
    let frame = try dice.frame(shape, of: Double.self)
    let absent = frame.voxels.indices.filter { _ in Int.random(in: 0..<600, using: &dice) > 0 }
    for voxel in absent { frame.voxels[voxel] = .nan }
    let gain = boundary == .renormalise ? 1.0 : ball.kernel.weights.reduce(0, +)
    let expected = Reference(frame).normalised(ball.kernel, boundary, gain: gain) { _, x in x.isFinite }
    let found = try Engine(threads: 2).apply(ball.chain(boundary), to: frame, absentNonFinite: true)
    // `distance` is infinite unless the same voxels are NaN: those that reach no voxel, and no others.
    #expect(distance(found, expected) <= 1e-9 * gain)
    #expect(boundary == .constant(0.75) || expected.voxels.contains { $0.isNaN })
  }

  @Test(arguments: boundaries) func `divides so that a constant stays constant inside a mask`(boundary: Boundary) throws
  {
    var dice = Dice(52)
    let shape = try #require(shape)
    // A constant boundary adds voxels of its own value, which has to be the constant.
    let value = boundary == .constant(0.75) ? 0.75 : 812.5
    // Voxels that are alone in the mask weigh less than what a large tolerance leaves away.
    for (tolerance, few) in [(1e-9, 1000), (1e-2, 3)] {
      let masked = mask(shape, oneIn: few, &dice)
      let frame = try Frame<Double>(shape: shape)
      for voxel in frame.voxels.indices { frame.voxels[voxel] = masked.mask.loaded?.inside[voxel] == 1 ? value : .nan }
      let chain = try Ball(tolerance: tolerance).chain(boundary, mask: masked)
      let prepared = try Engine(threads: 2).prepare(chain, for: Double.self, shape: shape, absentNonFinite: false)
      // The second frame meets the weight that the first one left.
      for _ in 0..<2 {
        let found = try prepared.apply(to: try copy(frame))
        for (voxel, inside) in zip(found.voxels, try #require(masked.mask.loaded).inside) {
          #expect(inside == 0 ? voxel == 0 : abs(voxel / value - 1) <= 1e-6)
        }
      }
    }
  }

  @Test func `is none where only what was approximated away is in reach`() throws {
    let shape = try #require(shape)
    let ball = try Ball(tolerance: 0.05)
    #expect(ball.residual > 0)
    let frame = try Frame<Double>(shape: shape)
    for voxel in frame.voxels.indices { frame.voxels[voxel] = .nan }
    frame.voxels[(6 * 17 + 8) * 26 + 13] = 5
    let expected = Reference(frame).normalised(ball.kernel, .reflect, gain: 257) { _, x in x.isFinite }
    let found = try Engine(threads: 1).apply(ball.chain(.reflect), to: frame, absentNonFinite: true)
    try #require(expected.voxels.contains { $0.isNaN } && !expected.voxels.allSatisfy { $0.isNaN })
    for (found, expected) in zip(found.voxels, expected.voxels) where expected.isNaN { #expect(found.isNaN) }
  }

  @Test func `with renormalise keeps a constant constant, and agrees with the kernel's`() throws {
    var dice = Dice(53)
    let shape = try #require(Shape(i: 13, j: 6, k: 5))
    let ball = try Ball(tolerance: 1e-9)
    let frame = try dice.frame(shape, of: Double.self)
    let expected = Reference(frame).filtered(ball.kernel, .renormalise)
    let engine = try Engine(threads: 2)
    #expect(distance(try engine.apply(ball.chain(.renormalise), to: frame, absentNonFinite: false), expected) <= 1e-9)
    for voxel in frame.voxels.indices { frame.voxels[voxel] = -812.5 }
    let constant = try engine.apply(ball.chain(.renormalise), to: frame, absentNonFinite: false)
    #expect(constant.voxels.allSatisfy { abs($0 / -812.5 - 1) <= 1e-6 })
  }

  @Test func `is divided by only if the kernel is known to be a mean`() throws {
    let shape = try #require(shape)
    let ball = try Ball(tolerance: 1e-9)
    let engine = try Engine(threads: 1)
    let failure = EngineFailure.negativeWeights(filter: "test")
    // Terms with negative taps, of which nobody says what kernel they come from.
    #expect(throws: failure) {
      try engine.apply(.linear(ball.terms, .renormalise), to: Frame<Double>(shape: shape), absentNonFinite: false)
    }
    // Positive terms are positive weights, whoever made them.
    var dice = Dice(54)
    let positive = Chain.linear([Passes(dice.taps(3), nil, dice.taps(2)), .along(.j, dice.taps(3))], .renormalise)
    _ = try engine.apply(positive, to: Frame<Double>(shape: shape), absentNonFinite: false)
    #expect(positive.needsDouble(in: engine) == false)
    #expect(ball.chain(.renormalise).needsDouble(in: engine))
    #expect(ball.chain(.reflect).needsDouble(in: engine) == false)
    var leavingOut = engine
    leavingOut.absentNonFinite = true
    #expect(ball.chain(.reflect).needsDouble(in: leavingOut))
  }
}
