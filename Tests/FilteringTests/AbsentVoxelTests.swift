import Filtering
import Kernels
import Parallel
import Testing
import Volumes

@Suite struct `Voxels that are not finite` {
  private let shape = Shape(i: 21, j: 12, k: 11)

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `spread over the kernel's support and no further`(value: Double) throws {
    var dice = Dice(31)
    let shape = try #require(shape)
    let term = Passes(dice.taps(4), dice.taps(9), dice.taps(3))
    for set in InstructionSet.available {
      for chain in [Chain.linear([term], .reflect), .linear(try SeparableTerm(term).dense(), .reflect)] {
        let frame = try dice.frame(shape, of: Float.self)
        // 10, 5, 5 is so far inside that no boundary repeats it.
        frame.voxels[(5 * 12 + 5) * 21 + 10] = Float(value)
        let found = try Engine(threads: 2, set).apply(chain, to: frame, absentNonFinite: false)
        for voxel in found.voxels.indices {
          let (i, j, k) = (voxel % 21, voxel / 21 % 12, voxel / 21 / 12)
          let touched = (10 - 1...10 + 2).contains(i) && (5 - 4...5 + 4).contains(j) && (5 - 1...5 + 1).contains(k)
          #expect(found.voxels[voxel].isFinite != touched, "\(i) \(j) \(k)")
        }
      }
    }
  }

  @Test func `spread over weights of zero, too`() throws {
    let shape = try #require(Shape(i: 9))
    let frame = try Frame<Float>(shape: shape)
    frame.voxels[4] = .nan
    let taps = Taps(weights: [0, 1, 0], origin: 1)
    let found = try Engine(threads: 1).apply(.linear([.along(.i, taps)], .reflect), to: frame, absentNonFinite: false)
    #expect(found.voxels.map(\.isNaN) == [false, false, false, true, true, true, false, false, false])
  }

  @Test(arguments: boundaries) func `are estimated from the others when they count as absent`(boundary: Boundary) throws
  {
    var dice = Dice(32)
    let shape = try #require(shape)
    let term = Passes(dice.taps(5), dice.taps(4), dice.taps(3))
    let kernel = try SeparableTerm(term).dense()
    for chain in [Chain.linear([term], boundary), .linear(kernel, boundary)] {
      let frame = try dice.frame(shape, of: Double.self)
      for _ in 0..<300 {
        let voxel = Int.random(in: 0..<shape.count, using: &dice)
        frame.voxels[voxel] = Bool.random(using: &dice) ? .nan : .infinity
      }
      let gain = boundary == .renormalise ? 1 : kernel.weights.reduce(0, +)
      let expected = Reference(frame).normalised(kernel, boundary, gain: gain) { _, x in x.isFinite }
      let found = try Engine(threads: 3).apply(chain, to: frame, absentNonFinite: true)
      #expect(distance(found, expected) < 1e-13)
    }
  }

  @Test func `leave no trace in a frame that has none`() throws {
    var dice = Dice(33)
    let shape = try #require(shape)
    for boundary in boundaries {
      let chain = Chain.linear([Passes(dice.taps(5), dice.taps(5), nil)], boundary)
      let frame = try dice.frame(shape, of: Float.self)
      let plain = try Engine(threads: 2).apply(chain, to: try copy(frame), absentNonFinite: false)
      let found = try Engine(threads: 2).apply(chain, to: frame, absentNonFinite: true)
      #expect(bits(found) == bits(plain))
    }
  }

  @Test func `stay NaN where nothing finite is near`() throws {
    let shape = try #require(Shape(i: 12))
    let frame = try Frame<Float>(shape: shape)
    for voxel in 0..<8 { frame.voxels[voxel] = .infinity }
    let taps = Taps(weights: [1, 1, 1], origin: 1)
    let found = try Engine(threads: 1).apply(.linear([.along(.i, taps)], .reflect), to: frame, absentNonFinite: true)
    #expect(found.voxels.map(\.isNaN) == [true, true, true, true, true, true, true, false, false, false, false, false])
  }

  @Test(arguments: [1, 3]) func `are counted`(threads: Int) throws {
    let frame = try Frame<Double>(shape: try #require(Shape(i: 300, j: 301)))
    for (place, value) in [
      Double.nan, .infinity, -.infinity, -.nan, .greatestFiniteMagnitude, Double.leastNonzeroMagnitude,
    ].enumerated() {
      frame.voxels[place * 18_059] = value
    }
    #expect(try VoxelStatistics(of: frame, engine: Engine(threads: threads)).nonFinite == 4)
  }
}

@Suite struct `A mask` {
  private let shape = Shape(i: 23, j: 14, k: 9)

  @Test(arguments: boundaries) func `makes a weighted mean of the voxels inside`(boundary: Boundary) throws {
    var dice = Dice(41)
    let shape = try #require(shape)
    let term = Passes(dice.taps(7), dice.taps(4), dice.taps(5))
    let kernel = try SeparableTerm(term).dense()
    for outside in MaskedConvolution.Outside.allCases {
      let mask = Mask(
        shape: shape, inside: (0..<shape.count).map { _ in Int.random(in: 0..<9, using: &dice) < 2 ? 1 : 0 })
      let share = 0.2
      let masked = MaskedConvolution(mask: mask, outside: outside, minimumWeight: share)
      for chain in [Chain.linear([term], boundary, mask: masked), .linear(kernel, boundary, mask: masked)] {
        let frame = try dice.frame(shape, of: Double.self)
        let reference = Reference(frame)
        var expected = reference.normalised(kernel, boundary.insideMask, gain: 1, share: share) { voxel, _ in
          mask.inside[voxel] == 1
        }
        for voxel in 0..<shape.count where mask.inside[voxel] == 0 || expected.voxels[voxel].isNaN {
          expected.voxels[voxel] = outside == .keep ? reference.voxels[voxel] : outside == .zero ? 0 : .nan
        }
        let found = try Engine(threads: 2).apply(chain, to: frame, absentNonFinite: false)
        #expect(distance(found, expected) < 1e-12, "\(outside)")
      }
    }
  }

  @Test(arguments: boundaries) func `keeps a constant constant inside`(boundary: Boundary) throws {
    var dice = Dice(42)
    let shape = try #require(shape)
    let value: Float = 812.5
    let mask = Mask(shape: shape, inside: (0..<shape.count).map { _ in UInt8.random(in: 0...1, using: &dice) })
    let chain = Chain.linear(
      [Passes(dice.taps(9), dice.taps(9), dice.taps(9))], boundary,
      mask: MaskedConvolution(mask: mask, outside: .zero, minimumWeight: 1e-6))
    let frame = try Frame<Float>(shape: shape)
    for voxel in frame.voxels.indices { frame.voxels[voxel] = mask.inside[voxel] == 1 ? value : .nan }
    let found = try Engine(threads: 2).apply(chain, to: frame, absentNonFinite: false)
    for (voxel, inside) in zip(found.voxels, mask.inside) {
      #expect(inside == 1 ? abs(voxel / value - 1) <= 1e-6 : voxel == 0)
    }
  }

  @Test(arguments: [0, 0.75, -1e30]) func `ends where the volume ends, whatever constant lies beyond`(
    value: Double
  ) throws {
    var dice = Dice(44)
    let shape = try #require(shape)
    let term = Passes(dice.taps(7), dice.taps(4), dice.taps(5))
    let mask = Mask(shape: shape, inside: (0..<shape.count).map { _ in UInt8.random(in: 0...1, using: &dice) })
    let masked = MaskedConvolution(mask: mask, outside: .zero, minimumWeight: 1e-6)
    let frame = try dice.frame(shape, of: Double.self)
    for voxel in stride(from: 0, to: shape.count, by: 7) { frame.voxels[voxel] = .nan }
    let voxels = try [Boundary.constant(value), .renormalise].map { boundary in
      try Engine(threads: 2).apply(
        .linear([term], boundary, mask: masked), to: try copy(frame), absentNonFinite: true)
    }
    #expect(bits(voxels[0]) == bits(voxels[1]))
  }

  @Test func `leaves absent both what it excludes and what is not finite`() throws {
    var dice = Dice(43)
    let shape = try #require(shape)
    let term = Passes(dice.taps(3), dice.taps(3), dice.taps(3))
    let mask = Mask(shape: shape, inside: (0..<shape.count).map { _ in UInt8.random(in: 0...1, using: &dice) })
    let frame = try dice.frame(shape, of: Double.self)
    for voxel in stride(from: 0, to: shape.count, by: 5) { frame.voxels[voxel] = .nan }
    var expected = Reference(frame).normalised(try SeparableTerm(term).dense(), .wrap, gain: 1) { voxel, value in
      mask.inside[voxel] == 1 && value.isFinite
    }
    for voxel in 0..<shape.count where mask.inside[voxel] == 0 { expected.voxels[voxel] = 0 }
    let chain = Chain.linear(
      [term], .wrap, mask: MaskedConvolution(mask: mask, outside: .zero, minimumWeight: 0))
    // The first frame has nothing absent but the mask, so the lasting weight is there when the second one comes.
    let prepared = try Engine(threads: 2).prepare(chain, for: Double.self, shape: shape, absentNonFinite: true)
    _ = try prepared.apply(to: try dice.frame(shape, of: Double.self))
    #expect(distance(try prepared.apply(to: frame), expected) < 1e-13)
  }
}

extension Reference {
  /// filter(x · w) / filter(w) · gain, where w says which voxels count; NaN where the weight is below its share or 0.
  func normalised(
    _ kernel: DenseKernel, _ boundary: Boundary, gain: Double, share: Double = 0, counts: (Int, Double) -> Bool
  ) -> Reference {
    var (present, weight) = (self, self)
    for (voxel, value) in voxels.enumerated() {
      present.voxels[voxel] = counts(voxel, value) ? value : 0
      weight.voxels[voxel] = counts(voxel, value) ? 1 : 0
    }
    var outside = (value: 0.0, weight: 1.0)
    if case .constant(let value) = boundary { outside.value = value }
    if boundary == .renormalise { outside.weight = 0 }
    let sums = present.filtered(kernel, boundary, outside: outside.value)
    let weights = weight.filtered(kernel, boundary, outside: outside.weight)
    let minimum = share * kernel.weights.reduce(0, +)
    return Reference(
      shape: shape,
      voxels: zip(sums.voxels, weights.voxels).map { $1 > 0 && $1 >= minimum ? gain * ($0 / $1) : .nan })
  }
}

extension Boundary {
  /// What it comes to where there is a mask: what lies outside the volume lies outside the mask.
  fileprivate var insideMask: Boundary {
    if case .constant = self { .renormalise } else { self }
  }
}
