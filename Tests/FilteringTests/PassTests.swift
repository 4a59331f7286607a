import Filtering
import Kernels
import Parallel
import Testing
import Volumes

@Suite struct `One pass` {
  @Test(arguments: Axis.allCases) func `agrees with the definition for every short length`(axis: Axis) throws {
    var dice = Dice(1)
    for length in 1...40 {
      var lengths = PerAxis(7, 3, 2)
      lengths[axis] = length
      let shape = try #require(Shape(i: lengths.i, j: lengths.j, k: lengths.k))
      for count in [1, 2, 3, 4, 5, 7, 8, 9, 16, 33] {
        let origin = [count / 2, 0, count - 1, -2, count + 3][(length + count) % 5]
        let taps = dice.taps(count, origin: origin)
        for boundary in boundaries {
          try check(Float.self, shape, .along(axis, taps), boundary, &dice)
          try check(Double.self, shape, .along(axis, taps), boundary, &dice)
        }
      }
    }
  }

  private func check<S: ComputeScalar>(
    _ scalar: S.Type, _ shape: Shape, _ term: Passes, _ boundary: Boundary, _ dice: inout Dice
  ) throws {
    let frame = try dice.frame(shape, of: S.self)
    let kernel = try SeparableTerm(term).dense()
    let expected = Reference(frame).filtered(kernel, boundary)
    let found = try Engine(threads: 1).apply(.linear([term], boundary), to: frame, absentNonFinite: false)
    #expect(distance(found, expected) <= rounding(S.self, kernel), "\(shape) \(kernel.weights.count) taps \(boundary)")
  }

  @Test func `of an origin far outside meets the boundary's voxels`() throws {
    var dice = Dice(2)
    let shape = try #require(Shape(i: 5, j: 4, k: 3))
    for axis in Axis.allCases {
      for origin in [-1_000_003, -17, 29, 1_000_003] {
        for boundary in boundaries where boundary != .renormalise {
          try check(Float.self, shape, .along(axis, dice.taps(3, origin: origin)), boundary, &dice)
        }
      }
    }
  }

  @Test func `leaves a frame as it is when it has the identity or no tap at all`() throws {
    var dice = Dice(3)
    let shape = try #require(Shape(i: 19, j: 5, k: 3))
    let frame = try dice.frame(shape, of: Float.self)
    frame.voxels[7] = -0.0
    let before = bits(frame)
    let identity = Taps(weights: [1], origin: 0)
    for term in [Passes(all: nil), Passes(identity, identity, identity)] {
      let found = try Engine(threads: 2).apply(.linear([term], .reflect), to: try copy(frame), absentNonFinite: false)
      #expect(bits(found) == before)
    }
  }

  /// Across lines, results of this size do not go through the caches.
  @Test(arguments: InstructionSet.available) func `of a large frame puts each voxel where it belongs`(
    set: InstructionSet
  ) throws {
    let shape = try #require(Shape(i: 256, j: 160, k: 104))
    let frame = try Frame<Float>(shape: shape)
    for place in frame.voxels.indices { frame.voxels[place] = Float(place) }
    let next = Taps(weights: [0, 1], origin: 0)
    let found = try Engine(threads: 4, set)
      .apply(.linear([Passes(nil, next, next)], .wrap), to: frame, absentNonFinite: false)
    let wrong = found.voxels.indices.filter { place in
      let (i, j, k) = (place % 256, place / 256 % 160, place / shape.slice)
      return found.voxels[place] != Float(((k + 1) % 104 * 160 + (j + 1) % 160) * 256 + i)
    }
    #expect(wrong.isEmpty)
  }
}
