import Filtering
import Kernels
import Testing
import Volumes

@Suite struct `A sum of terms` {
  @Test(arguments: 0..<60) func `is filtered as the kernel that it comes to`(seed: Int) throws {
    var dice = Dice(200 + seed)
    let lengths = (0..<3).map { _ in Int.random(in: 1...12, using: &dice) }
    let shape = try #require(Shape(i: lengths[0], j: lengths[1], k: lengths[2]))
    let (signed, positive) = (dice.sum(of: 1 + seed % 4), dice.sum(of: 1 + seed % 4, isPositive: true))
    for boundary in boundaries {
      let terms = boundary == .renormalise ? positive : signed
      try check(Double.self, terms, boundary, shape, &dice, limit: 1e-13)
      try check(Float.self, terms, boundary, shape, &dice, limit: 3e-6)
    }
  }

  /// - Parameter limit: of the error, in units of Σ|K| · max|x|.
  private func check<S: ComputeScalar>(
    _ scalar: S.Type, _ terms: [Passes], _ boundary: Boundary, _ shape: Shape, _ dice: inout Dice, limit: Double
  ) throws {
    let kernel = try total(terms)
    let frame = try dice.frame(shape, of: S.self)
    let expected = Reference(frame).filtered(kernel, boundary)
    let found = try Engine(threads: 2).apply(.linear(terms, boundary), to: frame, absentNonFinite: false)
    let size = kernel.weights.reduce(0) { $0 + abs($1) }
    guard boundary == .renormalise else { return #expect(distance(found, expected) <= limit * size, "\(boundary)") }
    // Errors before the division count, not what dividing by little makes of them.
    let ones = Reference(shape: shape, voxels: expected.voxels.map { _ in 1 })
    let divisors = ones.filtered(kernel, boundary, outside: 0).voxels
    for ((found, expected), divisor) in zip(zip(found.voxels, expected.voxels), divisors) {
      #expect(found.isNaN == (divisor == 0))
      #expect(divisor == 0 || abs(Double(found) - expected) * divisor <= limit * size)
    }
  }

  /// More groups than run together, with and without passes along each axis, and passes that several share.
  private func manyGroups(_ dice: inout Dice) -> [Passes] {
    let alongI = [dice.taps(5), dice.taps(4, origin: 0), dice.taps(1, origin: 2)]
    let alongK = (0..<6).map { dice.taps(2 + $0, origin: $0 % 3) }
    var terms = alongK.flatMap { k in alongI.prefix(2).map { Passes($0, dice.taps(3, origin: 4), k) } }
    terms += [Passes(alongI[2], nil, nil), Passes(nil, nil, alongK[2]), Passes(nil, nil, dice.taps(3))]
    terms += [Passes(nil, dice.taps(6), alongK[5]), Passes(alongI[0], nil, alongK[0]), Passes(all: nil)]
    return terms.shuffled(using: &dice)
  }

  @Test(arguments: 0..<12) func `is added up in the order that is written down`(seed: Int) throws {
    var dice = Dice(300 + seed)
    func length(_ most: Int) -> Int { Int.random(in: 1...most, using: &dice) }
    let shape = try #require(Shape(i: length(40), j: length(30), k: length(20)))
    let terms = seed.isMultiple(of: 2) ? manyGroups(&dice) : dice.sum(of: 1 + length(7))
    for boundary in boundaries.dropLast() {
      try checkOrder(Float.self, terms, boundary, shape, &dice)
      try checkOrder(Double.self, terms, boundary, shape, &dice)
    }
  }

  private func checkOrder<S: ComputeScalar>(
    _ scalar: S.Type, _ terms: [Passes], _ boundary: Boundary, _ shape: Shape, _ dice: inout Dice
  ) throws {
    let frame = try dice.frame(shape, of: S.self)
    let expected = OrderedSum(frame, boundary).filtered(terms)
    let found = try Engine(threads: 3).apply(.linear(terms, boundary), to: frame, absentNonFinite: false)
    #expect(Array(found.voxels) == expected.voxels, "\(shape) \(boundary) \(S.self)")
  }

  @Test func `has the bits of a frame that was padded when the boundary is constant`() throws {
    var dice = Dice(16)
    let (shape, padded) = (try #require(Shape(i: 9, j: 6, k: 5)), try #require(Shape(i: 29, j: 26, k: 25)))
    let terms = manyGroups(&dice)
    let frame = try dice.frame(shape, of: Float.self)
    let larger = try Frame<Float>(shape: padded)
    func place(_ voxel: Int) -> Int { (voxel / 54 + 10) * 26 * 29 + (voxel / 9 % 6 + 10) * 29 + voxel % 9 + 10 }
    for voxel in larger.voxels.indices { larger.voxels[voxel] = 0.7 }
    for voxel in frame.voxels.indices { larger.voxels[place(voxel)] = frame.voxels[voxel] }
    let engine = try Engine(threads: 2)
    let found = try engine.apply(.linear(terms, .constant(0.7)), to: frame, absentNonFinite: false)
    // No tap that counts reaches beyond the padding.
    let cut = try engine.apply(.linear(terms, .nearest), to: larger, absentNonFinite: false)
    for voxel in found.voxels.indices {
      #expect(found.voxels[voxel].bitPattern == cut.voxels[place(voxel)].bitPattern)
    }
  }
}

/// The order of additions as Numerics.md has it, in the engine's scalar, voxel by voxel.
private struct OrderedSum<S: ComputeScalar> {
  let shape: Shape
  let boundary: Boundary
  var voxels: [S]
  /// What a constant boundary has become of the passes so far.
  var outside: S = 0

  init(_ frame: Frame<S>, _ boundary: Boundary) {
    shape = frame.shape
    self.boundary = boundary
    voxels = Array(frame.voxels)
    if case .constant(let value) = boundary { outside = S(value) }
  }

  func filtered(_ terms: [Passes]) -> OrderedSum {
    let depths = terms.map(\.k).reduce(into: [Taps?]()) { if !$0.contains($1) { $0.append($1) } }
    let groups = depths.filter { $0 == nil } + depths.filter { $0 != nil }
    return sum(
      groups.map { k in
        sum(terms.filter { $0.k == k }.map { pass($0.i, .i).pass($0.j, .j) }).pass(k, .k)
      })
  }

  private func sum(_ parts: [OrderedSum]) -> OrderedSum {
    parts.dropFirst().reduce(parts[0]) { sum, part in
      var next = sum
      next.voxels = zip(sum.voxels, part.voxels).map { $0 + $1 }
      next.outside = sum.outside + part.outside
      return next
    }
  }

  private func pass(_ taps: Taps?, _ axis: Axis) -> OrderedSum {
    guard let taps else { return self }
    var result = self
    for index in voxels.indices {
      let position = PerAxis(index % shape.i, index / shape.i % shape.j, index / shape.slice)
      result.voxels[index] = fused(taps) { tap in
        var source = position
        guard let place = boundary.source(of: position[axis] + tap - taps.origin, length: shape[axis]) else {
          return outside
        }
        source[axis] = place
        return voxels[(source.k * shape.j + source.j) * shape.i + source.i]
      }
    }
    result.outside = fused(taps) { _ in outside }
    return result
  }

  /// The first product rounded, then one fused multiply-add per tap.
  private func fused(_ taps: Taps, _ value: (Int) -> S) -> S {
    var sum = S(taps.weights[0]) * value(0)
    for tap in 1..<max(1, taps.count) { sum.addProduct(S(taps.weights[tap]), value(tap)) }
    return sum
  }
}

extension Dice {
  /// Terms whose taps come from a small bag, so that some have passes in common; sizes are 1 to 9.
  mutating func sum(of count: Int, isPositive: Bool = false) -> [PerAxis<Taps?>] {
    let bag = (0..<4).map { _ in
      let size = Int.random(in: 1...9, using: &self)
      let taps = taps(size, origin: Int.random(in: 0..<size, using: &self))
      let signs = taps.weights.map { isPositive || Bool.random(using: &self) ? $0 : -$0 }
      return Taps(weights: signs, origin: taps.origin)
    }
    func draw() -> Taps? { Int.random(in: 0..<6, using: &self) == 0 ? nil : bag.randomElement(using: &self) }
    return (0..<count).map { _ in PerAxis(draw(), draw(), draw()) }
  }
}

/// What terms come to, as one kernel.
func total(_ terms: [PerAxis<Taps?>]) throws -> DenseKernel {
  let one = Taps(weights: [1], origin: 0)
  var (before, behind) = (PerAxis(all: 0), PerAxis(all: 0))
  for term in terms {
    for axis in Axis.allCases {
      let taps = term[axis] ?? one
      before[axis] = max(before[axis], taps.origin)
      behind[axis] = max(behind[axis], taps.count - 1 - taps.origin)
    }
  }
  let shape = try #require(
    Shape(i: before.i + 1 + behind.i, j: before.j + 1 + behind.j, k: before.k + 1 + behind.k))
  let weights = (0..<shape.count).map { index in
    let offset = PerAxis(
      index % shape.i - before.i, index / shape.i % shape.j - before.j, index / shape.slice - before.k)
    return terms.reduce(0.0) { sum, term in
      sum
        + Axis.allCases.reduce(1) { product, axis in
          let taps = term[axis] ?? one
          let tap = offset[axis] + taps.origin
          return taps.weights.indices.contains(tap) ? product * taps.weights[tap] : 0
        }
    }
  }
  return DenseKernel(shape: shape, weights: weights, origin: before)
}
