import Filtering
import Foundation
import Kernels
import Parallel
import Testing
import Volumes

@Suite struct `A rank filter` {
  private static let ranks: [Rank] = [
    .median, .minimum, .maximum, .percentile(30), .percentile(100), .percentile(99.9),
  ]
  private static let spacing = PerAxis(1.0, 1.5, 2.0)

  /// Every size up to 7 along each axis, on shapes that are mostly smaller than what the largest ones reach.
  @Test(arguments: 1...7) func `has the voxels of its definition, for every small box`(i: Int) throws {
    var dice = Dice(700 + i)
    for (place, (j, k)) in (1...7).flatMap({ j in (1...7).map { (j, $0) } }).enumerated() {
      let box = try #require(RankNeighbourhood(box: i, j, k))
      let shape = try #require(shape(&dice, PerAxis(24, 5, 4)))
      let step = RankOperation(
        filter: "test", neighbourhood: box, rank: Self.ranks[place % Self.ranks.count],
        boundary: boundaries[place / 2 % 6])
      if place % 2 == 0 {
        try check(step, try frame(&dice, shape, of: Float.self, special: place % 3 == 0), absentNonFinite: false)
      } else {
        try check(step, try frame(&dice, shape, of: Double.self, special: place % 3 == 0), absentNonFinite: false)
      }
    }
  }

  @Test(arguments: 0..<18) func `has the voxels of its definition, whatever is absent`(seed: Int) throws {
    var dice = Dice(800 + seed)
    let size = try #require(shape(&dice, PerAxis(6, 6, 4)))
    let box = try #require(RankNeighbourhood(box: size.i, size.j, size.k))
    let ball = try #require(
      RankNeighbourhood(ballOf: Double.random(in: 0...4, using: &dice), spacing: Self.spacing))
    let shape = try #require(shape(&dice, PerAxis(40, 9, 5)))
    let inside = (0..<shape.count).map { UInt8($0 / 37 % 3 == 0 ? 1 : Int.random(in: 0...1, using: &dice)) }
    for (neighbourhood, masked) in [(box, true), (ball, true), (ball, false)] {
      let step = RankOperation(
        filter: "test", neighbourhood: neighbourhood, rank: Self.ranks[seed % 6],
        boundary: boundaries[(seed + seed / 6) % 6],
        mask: masked ? .loaded(Mask(shape: shape, inside: inside)) : nil,
        outside: MaskedConvolution.Outside.allCases[seed % 3])
      for absent in [false, true] {
        try check(step, try frame(&dice, shape, of: Float.self, special: true), absentNonFinite: absent)
        try check(step, try frame(&dice, shape, of: Double.self, special: seed % 2 == 0), absentNonFinite: absent)
      }
    }
  }

  @Test func `is searched for where a network would be too long`() throws {
    var dice = Dice(900)
    let shape = try #require(Shape(i: 19, j: 4, k: 3))
    for (rank, boundary) in zip(Self.ranks, boundaries) {
      let step = RankOperation(
        filter: "test", neighbourhood: try #require(RankNeighbourhood(box: 11, 10, 9)), rank: rank, boundary: boundary)
      try check(step, try frame(&dice, shape, of: Float.self, special: true), absentNonFinite: rank == .minimum)
      try check(step, try frame(&dice, shape, of: Double.self, special: false), absentNonFinite: rank == .maximum)
    }
  }

  /// What a filter makes of a few slices and their halo is what it makes of them within the whole frame.
  @Test(arguments: 0..<6) func `makes the same of slabs as of whole frames`(seed: Int) throws {
    var dice = Dice(950 + seed)
    let whole = try frame(&dice, try #require(Shape(i: 37, j: 13, k: 17)), of: Float.self, special: seed % 2 == 0)
    let neighbourhood = try #require(RankNeighbourhood(box: 3, 4, 2 + seed))
    let step = RankOperation(
      filter: "test", neighbourhood: neighbourhood, rank: Self.ranks[seed], boundary: boundaries[seed])
    let engine = try Engine(threads: 2)
    let expected = bits(try engine.apply(Chain([step]), to: try copy(whole), absentNonFinite: seed == 4))
    let slices = 7..<10
    let (back, forth) = neighbourhood.halo.k
    let slab = try Frame<Float>(shape: try #require(Shape(i: 37, j: 13, k: slices.count + back + forth)))
    let slice = whole.shape.slice
    for voxel in slab.voxels.indices { slab.voxels[voxel] = whole.voxels[voxel + (slices.lowerBound - back) * slice] }
    let found = bits(try engine.apply(Chain([step]), to: slab, absentNonFinite: seed == 4))
    let bytes = 4 * slice
    #expect(
      found[back * bytes..<(back + slices.count) * bytes]
        == expected[slices.lowerBound * bytes..<slices.upperBound * bytes])
  }

  @Test func `sees that zero is zero, whatever its sign`() throws {
    let shape = try #require(Shape(i: 50))
    for rank in Self.ranks {
      let frame = try Frame<Float>(shape: shape)
      for voxel in frame.voxels.indices { frame.voxels[voxel] = voxel % 3 == 0 ? 0 : -0.0 }
      let step = RankOperation(
        filter: "test", neighbourhood: try #require(RankNeighbourhood(box: 3, 1, 1)), rank: rank, boundary: .mirror)
      let found = try Engine(threads: 1).apply(Chain([step]), to: frame, absentNonFinite: false)
      #expect(bits(found).allSatisfy { $0 == 0 })
    }
  }

  @Test func `refuses a mask of another grid`() throws {
    let frame = try Frame<Float>(shape: try #require(Shape(i: 5)))
    let other = try #require(Shape(i: 6))
    let step = RankOperation(
      filter: "test", neighbourhood: try #require(RankNeighbourhood(box: 1, 1, 1)), rank: .median, boundary: .reflect,
      mask: .loaded(Mask(shape: other, inside: Array(repeating: 1, count: 6))))
    #expect(throws: EngineFailure.gridMismatch(expected: frame.shape, found: other)) {
      try Engine(threads: 1).apply(Chain([step]), to: frame, absentNonFinite: false)
    }
  }

  private func shape(_ dice: inout Dice, _ most: PerAxis<Int>) -> Shape? {
    let lengths = most.map { Int.random(in: 1...$0, using: &dice) }
    return Shape(i: lengths.i, j: lengths.j, k: lengths.k)
  }

  /// Half of the voxels have ties; some are NaN of either sign, infinite or a zero of either sign.
  private func frame<S: ComputeScalar>(
    _ dice: inout Dice, _ shape: Shape, of scalar: S.Type, special: Bool
  ) throws -> Frame<S> {
    let frame = try dice.frame(shape, of: S.self)
    for voxel in frame.voxels.indices where Bool.random(using: &dice) {
      frame.voxels[voxel] = S(Int.random(in: -9...9, using: &dice))
    }
    guard special else { return frame }
    for value in [S.nan, -S.nan, S.infinity, -S.infinity, -0.0, S.nan] {
      frame.voxels[Int.random(in: 0..<shape.count, using: &dice)] = value
    }
    return frame
  }

  private func check<S: ComputeScalar>(_ step: RankOperation, _ frame: Frame<S>, absentNonFinite: Bool) throws {
    let expected = RankReference(step: step, absentNonFinite: absentNonFinite).filtered(frame)
    var first: [UInt8]?
    for set in InstructionSet.available {
      for threads in [1, 3] {
        let found = try Engine(threads: threads, set)
          .apply(Chain([step]), to: try copy(frame), absentNonFinite: absentNonFinite)
        let wrong = zip(found.voxels, expected).count { $0 != $1 && !($0.isNaN && $1.isNaN) }
        #expect(wrong == 0, "\(set.name), \(threads) threads, \(frame.shape), \(step.neighbourhood), \(step.rank)")
        #expect(first == nil || first == bits(found), "\(set.name), \(threads) threads")
        first = bits(found)
      }
    }
  }
}

/// Golden results of scipy.ndimage; Golden/make_rank.py says how they were made.
@Suite struct `Rank filters agree with scipy` {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

  @Test func `exactly, at every boundary`() throws {
    let text = try String(contentsOf: folder.appendingPathComponent("rank.txt"), encoding: .utf8)
    let numbers = try Data(contentsOf: folder.appendingPathComponent("rank.bin")).map { Int8(bitPattern: $0) }
    let shape = try #require(Shape(i: 9, j: 6, k: 4))
    let names = text.split(separator: "\n").dropFirst()
    try #require(numbers.count == shape.count * (names.count + 1))
    for (place, name) in names.enumerated() {
      let expected = numbers[(place + 1) * shape.count..<(place + 2) * shape.count]
      let frame = try Frame<Float>(shape: shape)
      for voxel in frame.voxels.indices { frame.voxels[voxel] = Float(numbers[voxel]) }
      let found = try Engine(threads: 2).apply(Chain([try step(name)]), to: frame, absentNonFinite: false)
      #expect(zip(found.voxels, expected).allSatisfy { $0 == Float($1) }, "\(name)")
    }
  }

  private func step(_ name: Substring) throws -> RankOperation {
    let words = name.split(separator: " ")
    let numbers = words.compactMap { Double($0) }
    let neighbourhood =
      words[1] == "ball"
      ? RankNeighbourhood(ballOf: numbers[0], spacing: PerAxis(1, 1.5, 2))
      : RankNeighbourhood(box: Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
    let boundary = try #require(boundaries.first { $0.name == words[words.count - 1] })
    return RankOperation(
      filter: "test", neighbourhood: try #require(neighbourhood), rank: try rank(words[0]),
      boundary: boundary.name == "constant" ? .constant(7) : boundary)
  }

  private func rank(_ name: Substring) throws -> Rank {
    switch name {
    case "minimum": .minimum
    case "maximum": .maximum
    case "median": .median
    default: .percentile(try #require(Double(name.dropFirst("percentile-".count))))
    }
  }
}
