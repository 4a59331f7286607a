import Filtering
import Kernels
import Testing
import Volumes

/// A pass of n taps makes n roundings of at most half an ulp of sums below Σ|t| · max|x|.
func bound<S: ComputeScalar>(_ scalar: S.Type, sums: Double, taps: Int) -> Double {
  Double(S.ulpOfOne) * Double(taps + 4) * max(1, sums)
}

@Suite struct `One pass` {
  @Test(arguments: Axis.allCases) func `agrees with the definition for every short length`(axis: Axis) throws {
    var dice = Dice(1)
    for length in 1...40 {
      var lengths = PerAxis(7, 3, 2)
      lengths[axis] = length
      let shape = try #require(Shape(i: lengths.i, j: lengths.j, k: lengths.k))
      for count in [1, 2, 3, 5, 8, 9, 16, 33] {
        let origin = [count / 2, 0, count - 1, -2, count + 3][length % 5]
        let taps = dice.taps(count, origin: origin)
        var term = PerAxis<Taps?>(all: nil)
        term[axis] = taps
        for boundary in boundaries {
          try check(Float.self, shape, term, boundary, &dice)
          try check(Double.self, shape, term, boundary, &dice)
        }
      }
    }
  }

  private func check<S: ComputeScalar>(
    _ scalar: S.Type, _ shape: Shape, _ term: PerAxis<Taps?>, _ boundary: Boundary, _ dice: inout Dice
  ) throws {
    let frame = try dice.frame(shape, of: S.self)
    let kernel = try SeparableTerm(term).dense()
    let expected = Reference(frame).filtered(kernel, boundary)
    let found = try Engine(threads: 1).apply(.linear([term], boundary), to: frame, absentNonFinite: false)
    let sums = kernel.weights.reduce(0, +)
    #expect(distance(found, expected) <= bound(S.self, sums: sums, taps: kernel.weights.count), "\(shape) \(boundary)")
  }
}
