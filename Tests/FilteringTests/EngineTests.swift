import Filtering
import Filters
import Kernels
import Parallel
import Testing
import Volumes

@Suite struct `The engine` {
  private let shape = Shape(i: 40, j: 30, k: 20)

  @Test func `stops when it is cancelled`() throws {
    let shape = try #require(shape)
    let cancellation = Cancellation()
    let set = try InstructionSet.chosen(environment: nil)
    let engine = Engine(workers: Workers(count: 2), instructionSet: set, cancellation: cancellation)
    let taps = Taps(weights: [1, 1, 1], origin: 1)
    let frame = try Frame<Float>(shape: shape)
    cancellation.cancel()
    for chain in [
      Chain.linear([.along(.k, taps)], .reflect), Chain([Scale(slope: 1, intercept: 0)]),
    ] {
      #expect(throws: EngineFailure.cancelled) { try engine.apply(chain, to: frame, absentNonFinite: false) }
    }
  }

  @Test func `refuses a mask of another grid`() throws {
    let (shape, other) = (try #require(shape), try #require(Shape(i: 40, j: 30, k: 21)))
    let mask = Mask(shape: other, inside: Array(repeating: 1, count: other.count))
    let short = Mask(shape: shape, inside: [1, 0])
    let engine = try Engine(threads: 1)
    let frame = try Frame<Float>(shape: shape)
    for mask in [mask, short] {
      let masked = MaskedConvolution(mask: mask, outside: .nan, minimumWeight: 0)
      for chain in [Chain.linear([Passes(all: nil)], .reflect, mask: masked), Chain([MaskOut(mask: .loaded(mask))])] {
        let failure = EngineFailure.gridMismatch(expected: shape, found: mask.shape)
        #expect(throws: failure) { try engine.apply(chain, to: frame, absentNonFinite: false) }
      }
    }
    let prepared = try engine.prepare(Chain([]), for: Float.self, shape: other, absentNonFinite: false)
    #expect(throws: EngineFailure.gridMismatch(expected: other, found: shape)) { try prepared.apply(to: frame) }
  }

  @Test func `refuses to leave voxels out where weights cancel`() throws {
    let shape = try #require(shape)
    let engine = try Engine(threads: 1)
    let edge = Taps(weights: [-1, 0, 1], origin: 1)
    let dense = DenseKernel(shape: try #require(Shape(i: 3)), weights: edge.weights, origin: PerAxis(1, 0, 0))
    for boundary in [Boundary.reflect, .renormalise] {
      for chain in [Chain.linear([.along(.j, edge)], boundary), .linear(dense, boundary)] {
        #expect(throws: EngineFailure.negativeWeights(filter: "test")) {
          try engine.apply(chain, to: Frame<Float>(shape: shape), absentNonFinite: boundary == .reflect)
        }
      }
    }
  }

  @Test func `counts passes, multiplications and memory`() throws {
    let shape = try #require(Shape(i: 64, j: 48, k: 40))
    let frameBytes = shape.count * 4
    let taps = Taps(weights: [1, 2, 1], origin: 1)
    let term = Passes(taps, taps, taps)
    let other = Passes(taps, taps, Taps(weights: [1, 1, 1], origin: 0))
    // More groups than run at a time, with and without k: the passes along i run in each of the three parts.
    let many = [Passes(taps, nil, nil)] + (0..<6).map { Passes(taps, taps, Taps(weights: [1, 1, 1], origin: $0)) }
    let mask = Mask(shape: shape, inside: Array(repeating: 1, count: shape.count))
    let masked = MaskedConvolution(mask: mask, outside: .keep, minimumWeight: 0)
    let dense = try SeparableTerm(term).dense()
    let engine = try Engine(threads: 2)
    // Spare frames for: what lies between the stages, one for each group of terms; the lasting weight and the kept
    // frame as well; what a dense kernel makes of its source; and pointwise steps, which need none.
    let cases: [(Chain, passes: Int, multiplies: Int, frames: Int)] = [
      (.linear([term], .reflect), 3, 9, 1), (.linear([term, other], .reflect), 5, 15, 2),
      (.linear(many, .reflect), 3 + 6 + 6, 9 + 18 + 18, 5),
      (.linear([term], .reflect, mask: masked), 3, 9, 3), (.linear(dense, .reflect), 1, 27, 1),
      (Chain([Scale(slope: 2, intercept: 1)]), 0, 0, 0),
    ]
    for (chain, passes, multiplies, frames) in cases {
      let cost = engine.cost(of: chain, shape: shape, scalar: Float.self, absentNonFinite: false)
      #expect(cost.passes == passes && cost.multipliesPerVoxel == multiplies)
      let lanes = cost.scratchBytes - frames * frameBytes
      #expect((0...2 * (1 << 20)).contains(lanes), "\(lanes) bytes for two lanes")
    }
  }

  @Test func `says what no memory can hold instead of trapping`() throws {
    let taps = Taps(weights: Array(repeating: 1, count: 65_535), origin: 0)
    let engine = try Engine(threads: 64)
    for (i, j, k) in [(1 << 58, 1, 1), (1, 1 << 58, 1), (1, 1, 1 << 58), (1 << 29, 1 << 14, 1 << 15)] {
      let shape = try #require(Shape(i: i, j: j, k: k))
      let dense = DenseKernel(shape: try #require(Shape(i: 65_535)), weights: taps.weights, origin: PerAxis(all: 0))
      for chain in [Chain.linear([Passes(taps, taps, taps)], .reflect), .linear(dense, .wrap)] {
        let cost = engine.cost(of: chain, shape: shape, scalar: Double.self, absentNonFinite: true)
        #expect(cost.scratchBytes >= 1 << 61)
      }
    }
  }
}
