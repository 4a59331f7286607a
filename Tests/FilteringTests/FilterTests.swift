import Filtering
import Kernels
import Testing
import Volumes

@Suite struct `A filter` {
  private let shape = Shape(i: 13, j: 10, k: 7)

  @Test(arguments: boundaries) func `of three passes agrees with the definition`(boundary: Boundary) throws {
    var dice = Dice(11)
    let shape = try #require(shape)
    for (i, j, k) in [(3, 5, 7), (4, 2, 6), (1, 9, 1), (31, 3, 2), (2, 40, 15)] {
      let term = Passes(dice.taps(i), dice.taps(j), dice.taps(k))
      let kernel = try SeparableTerm(term).dense()
      let frame = try dice.frame(shape, of: Double.self)
      let expected = Reference(frame).filtered(kernel, boundary)
      let separable = try Engine(threads: 3).apply(
        .linear([term], boundary), to: try copy(frame), absentNonFinite: false)
      let dense = try Engine(threads: 3).apply(.linear(kernel, boundary), to: frame, absentNonFinite: false)
      #expect(distance(separable, expected) <= rounding(Double.self, kernel))
      #expect(distance(dense, expected) <= rounding(Double.self, kernel))
    }
  }

  @Test(arguments: boundaries) func `of several terms is the sum of their kernels`(boundary: Boundary) throws {
    var dice = Dice(12)
    let shape = try #require(shape)
    let terms = [
      Passes(dice.taps(5), nil, nil), Passes(nil, dice.taps(5), dice.taps(5)),
      Passes(nil, nil, dice.taps(5)), Passes(all: nil),
    ]
    let kernel = try total(terms, size: 5)
    let frame = try dice.frame(shape, of: Double.self)
    let expected = Reference(frame).filtered(kernel, boundary)
    let found = try Engine(threads: 2).apply(.linear(terms, boundary), to: frame, absentNonFinite: false)
    #expect(distance(found, expected) <= rounding(Double.self, kernel))
  }

  /// The sum of terms as one kernel of size³, whose terms have taps of that size or none.
  private func total(_ terms: [Passes], size: Int) throws -> DenseKernel {
    var middle = [Double](repeating: 0, count: size)
    middle[size / 2] = 1
    var weights = [Double](repeating: 0, count: size * size * size)
    for term in terms {
      let full = SeparableTerm(term.map { $0 ?? Taps(weights: middle, origin: size / 2) })
      weights = zip(weights, try full.dense().weights).map { $0 + $1 }
    }
    let shape = try #require(Shape(i: size, j: size, k: size))
    return DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: size / 2))
  }

  @Test func `of an impulse is the kernel, flipped`() throws {
    var dice = Dice(13)
    let shape = try #require(Shape(i: 11, j: 9, k: 9))
    let term = Passes(dice.taps(5), dice.taps(4), dice.taps(3))
    let kernel = try SeparableTerm(term).dense()
    for chain in [Chain.linear([term], .constant(0)), .linear(kernel, .constant(0))] {
      let impulse = try Frame<Double>(shape: shape)
      impulse.voxels[(4 * 9 + 4) * 11 + 5] = 1
      let found = try Engine(threads: 1).apply(chain, to: impulse, absentNonFinite: false)
      for (place, weight) in kernel.weights.enumerated() {
        let (t, u, v) = (place % 5, place / 5 % 4, place / 20)
        let voxel = ((4 + kernel.origin.k - v) * 9 + 4 + kernel.origin.j - u) * 11 + 5 + kernel.origin.i - t
        #expect(abs(found.voxels[voxel] - weight) <= 1e-16)
      }
      #expect(found.voxels.count { $0 != 0 } == kernel.weights.count)
    }
  }

  @Test func `is linear`() throws {
    var dice = Dice(14)
    let shape = try #require(shape)
    let chain = Chain.linear([Passes(dice.taps(9), dice.taps(7), dice.taps(5))], .mirror)
    let engine = try Engine(threads: 2)
    let (a, b) = (try dice.frame(shape, of: Double.self), try dice.frame(shape, of: Double.self))
    let mixed = try Frame<Double>(shape: shape)
    for voxel in mixed.voxels.indices { mixed.voxels[voxel] = 3 * a.voxels[voxel] - 2 * b.voxels[voxel] }
    let (fa, fb) = (
      try engine.apply(chain, to: a, absentNonFinite: false), try engine.apply(chain, to: b, absentNonFinite: false)
    )
    let expected = Reference(shape: shape, voxels: zip(fa.voxels, fb.voxels).map { 3 * $0 - 2 * $1 })
    #expect(distance(try engine.apply(chain, to: mixed, absentNonFinite: false), expected) < 1e-11)
  }

  @Test func `with a constant boundary has the bits of a frame that was padded`() throws {
    var dice = Dice(15)
    let (shape, padded) = (try #require(Shape(i: 9, j: 6, k: 5)), try #require(Shape(i: 17, j: 14, k: 13)))
    let term = Passes(dice.taps(8), dice.taps(5), dice.taps(9))
    let value = 0.7
    for chain in [Chain.linear([term], .constant(value)), .linear(try SeparableTerm(term).dense(), .constant(value))] {
      let frame = try dice.frame(shape, of: Float.self)
      let larger = try Frame<Float>(shape: padded)
      for voxel in larger.voxels.indices {
        let (i, j, k) = (voxel % 17 - 4, voxel / 17 % 14 - 4, voxel / 17 / 14 - 4)
        let inside = (0..<9).contains(i) && (0..<6).contains(j) && (0..<5).contains(k)
        larger.voxels[voxel] = inside ? frame.voxels[(k * 6 + j) * 9 + i] : Float(value)
      }
      let engine = try Engine(threads: 1)
      let found = try engine.apply(chain, to: frame, absentNonFinite: false)
      let cut = try engine.apply(chain, to: larger, absentNonFinite: false)
      for voxel in found.voxels.indices {
        let (i, j, k) = (voxel % 9 + 4, voxel / 9 % 6 + 4, voxel / 54 + 4)
        #expect(found.voxels[voxel].bitPattern == cut.voxels[(k * 14 + j) * 17 + i].bitPattern)
      }
    }
  }

  @Test func `that renormalises keeps a constant constant`() throws {
    var dice = Dice(16)
    let shape = try #require(Shape(i: 40, j: 23, k: 19))
    for terms in [1, 3] {
      let chain = Chain.linear(
        (0..<terms).map { _ in Passes(dice.taps(31), dice.taps(9), dice.taps(45)) }, .renormalise)
      let frame = try Frame<Float>(shape: shape)
      for voxel in frame.voxels.indices { frame.voxels[voxel] = 812.5 }
      let found = try Engine(threads: 2).apply(chain, to: frame, absentNonFinite: false)
      #expect(found.voxels.allSatisfy { abs($0 / 812.5 - 1) <= 1e-6 })
    }
  }
}
