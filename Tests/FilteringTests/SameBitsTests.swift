import Filtering
import Filters
import Kernels
import Parallel
import Testing
import Volumes

@Suite struct `The same bits come out` {
  /// All three axes in one stage, or in two.
  private static let rolling = [Tiling.Rolling.always, .never]

  /// Shapes whose lines, strips and columns end everywhere in a vector, a block and a piece.
  @Test(arguments: 0..<10) func `for every instruction set and number of threads`(seed: Int) throws {
    var dice = Dice(100 + seed)
    func length(_ most: Int) -> Int { Int.random(in: 1...most, using: &dice) }
    let shape = try #require(Shape(i: length(130), j: length(70), k: length(40)))
    let tall = Shape(i: length(9), j: length(300), k: 1) ?? shape
    // Slices of 32 KB of Float stand apart between two stages.
    let spaced = Shape(i: 128, j: 64, k: length(9)) ?? shape
    for shape in [shape, tall, spaced] {
      for chain in chains(&dice, shape) {
        try check(chain, try dice.frame(shape, of: Float.self), "\(shape)")
        try check(chain, try dice.frame(shape, of: Double.self), "\(shape)")
      }
    }
  }

  /// Chains that together run every loop.
  private func chains(_ dice: inout Dice, _ shape: Shape) -> [Chain] {
    func taps() -> Taps { dice.taps(Int.random(in: 1...20, using: &dice)) }
    func term() -> Passes { Passes(taps(), taps(), taps()) }
    let inside = (0..<shape.count).map { _ in UInt8.random(in: 0...1, using: &dice) }
    let mask = Mask(shape: shape, inside: inside)
    let masked = MaskedConvolution(mask: mask, outside: .keep, minimumWeight: 0.1)
    let size =
      Shape(
        i: Int.random(in: 1...17, using: &dice), j: Int.random(in: 1...9, using: &dice),
        k: Int.random(in: 1...3, using: &dice)) ?? shape
    let kernel = DenseKernel(
      shape: size, weights: (1...size.count).map { Double($0) / 7 }, origin: PerAxis(2, 1, 0))
    return [
      .linear([term()], .reflect), .linear([term(), term()], .constant(0.3)), .linear([term()], .renormalise),
      .linear([term(), term()], .renormalise), .linear([term()], .nearest, mask: masked), .linear(kernel, .mirror),
      // More groups than run together, with passes in common.
      .linear(dice.sum(of: 12), .constant(-0.6), facts: KernelFacts(isMean: true, residual: 1e-3)),
      .linear(dice.sum(of: 7, isPositive: true), .wrap, mask: masked),
      Chain([
        Scale(slope: 1.1, intercept: 0.3), Clamp(lower: -0.5, upper: 0.9),
        Threshold(lower: -0.4, upper: 0.8, outside: 7), MaskOut(mask: .loaded(mask)),
      ]),
    ]
  }

  private func check<S: ComputeScalar>(_ chain: Chain, _ frame: Frame<S>, _ comment: Comment) throws {
    // NaNs of either sign and infinities, which make NaNs of their own.
    for (place, value) in [S.nan, -S.nan, S.infinity, -S.infinity].enumerated() {
      frame.voxels[(place * 7919 + 31) % frame.shape.count] = value
    }
    for absent in [false, true] {
      let expected = bits(
        try Engine(threads: 1, InstructionSet.available[0])
          .apply(chain, to: try copy(frame), absentNonFinite: absent))
      for set in InstructionSet.available {
        for (threads, rolling) in [1, 2, 3, 4, 8].flatMap({ count in Self.rolling.map { (count, $0) } }) {
          let engine = Engine(threads: threads, set, rolling: rolling)
          let found = try engine.apply(chain, to: try copy(frame), absentNonFinite: absent)
          let nans = found.voxels.filter(\.isNaN)
          #expect(nans.allSatisfy { "\($0)" == "nan" && $0.sign == .plus && !$0.isSignalingNaN })
          #expect(bits(found) == expected, "\(set.name), \(threads) threads, rolling \(rolling), \(comment)")
        }
      }
    }
  }

  @Test func `when a prepared chain filters many frames at a time`() async throws {
    var dice = Dice(99)
    let shape = try #require(Shape(i: 33, j: 21, k: 12))
    let mask = Mask(shape: shape, inside: (0..<shape.count).map { _ in UInt8.random(in: 0...1, using: &dice) })
    let chain = Chain.linear(
      [Passes(dice.taps(5), dice.taps(5), dice.taps(5))], .reflect,
      mask: MaskedConvolution(mask: mask, outside: .zero, minimumWeight: 0))
    let engine = try Engine(threads: 2)
    let prepared = try engine.prepare(chain, for: Float.self, shape: shape, absentNonFinite: true)
    let frames = try (0..<12).map { _ in try dice.frame(shape, of: Float.self) }
    frames[5].voxels[100] = .nan
    let alone = try frames.map { bits(try engine.apply(chain, to: try copy($0), absentNonFinite: true)) }
    let together = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for (index, frame) in frames.enumerated() {
        group.addTask { (index, bits(try prepared.apply(to: frame))) }
      }
      return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
    }
    for index in frames.indices { #expect(together[index] == alone[index], "frame \(index)") }
  }

  @Test func `when the host program flushes subnormal numbers`() throws {
    let shape = try #require(Shape(i: 70))
    let chain = Chain.linear([PerAxis(Taps(weights: [0.25, 0.5], origin: 0), nil, nil)], .nearest)
    func filtered() throws -> [UInt8] {
      let frame = try Frame<Float>(shape: shape)
      for voxel in frame.voxels.indices { frame.voxels[voxel] = Float(bitPattern: UInt32(voxel + 3)) }
      return bits(try Engine(threads: 1).apply(chain, to: frame, absentNonFinite: false))
    }
    let expected = try filtered()
    #expect(expected.contains { $0 != 0 })
    let state = flushSubnormals()
    defer { restore(state) }
    #expect(try filtered() == expected)
  }
}
