import Parallel
import SeededNumbers
import Testing
import VolumeIO
import Volumes

/// Every instruction set beside the slow reference and, bit by bit, beside the baseline.
@Suite struct ConversionVariantTests {
  /// The last one drives numbers out of Float's range, those of 64 bits out of no range.
  static let scalings = [
    Scaling.identity, Scaling(slope: 0.0371, intercept: -12.5), Scaling(slope: 1, intercept: 1024),
    Scaling(slope: -3e37, intercept: 0),
  ]
  /// The shortest runs that take each way through the loops of vectors, and one that mostly stays within them.
  static let lengths = Array(1...40) + [4_099]

  @Test(arguments: VoxelType.allCases, InstructionSet.available) func `decode alike`(
    type: VoxelType, set: InstructionSet
  ) throws {
    for byteOrder in [ByteOrder.littleEndian, .bigEndian] {
      for scaling in Self.scalings {
        let reference = ConversionReference(type: type, byteOrder: byteOrder, scaling: scaling)
        for length in Self.lengths {
          let raw = storedBytes(length, of: type, byteOrder)
          try expectDecoded(raw, reference, as: Float.self, with: set)
          try expectDecoded(raw, reference, as: Double.self, with: set)
        }
      }
    }
  }

  private func expectDecoded<Scalar: ComputeScalar>(
    _ raw: [UInt8], _ reference: ConversionReference, as scalar: Scalar.Type, with set: InstructionSet
  ) throws {
    func decoded(with set: InstructionSet) throws -> ([Scalar], DecodeCounts) {
      try VolumeIOTests.decoded(
        raw, reference.type, reference.byteOrder, reference.scaling, as: scalar, with: set)
    }
    let (expected, expectedCounts) = raw.withUnsafeBytes { reference.decode($0, as: scalar) }
    let (found, counts) = try decoded(with: set)
    #expect(found.matches(expected) && counts == expectedCounts, "\(reference), \(found.count) voxels")
    #expect(sameBits(found, try decoded(with: InstructionSet.available[0]).0), "\(reference), \(found.count) voxels")
  }

  @Test(arguments: VoxelType.allCases, InstructionSet.available) func `encode alike`(
    type: VoxelType, set: InstructionSet
  ) throws {
    for scaling in Self.scalings {
      let reference = ConversionReference(type: type, byteOrder: .littleEndian, scaling: scaling)
      for length in Self.lengths {
        let voxels = physicalValues(length, around: scaling)
        try expectEncoded(voxels, reference, with: set)
        try expectEncoded(voxels.map(Float.init), reference, with: set)
      }
    }
  }

  private func expectEncoded<Scalar: ComputeScalar>(
    _ voxels: [Scalar], _ reference: ConversionReference, with set: InstructionSet
  ) throws {
    let (expected, expectedCounts) = reference.encode(voxels)
    let (found, counts) = try encoded(voxels, reference.type, reference.scaling, with: set)
    let isRight = sameStored(found, expected, reference.type) && counts == expectedCounts
    #expect(isRight, "\(reference), \(voxels.count) voxels")
    let slowest = try encoded(voxels, reference.type, reference.scaling, with: InstructionSet.available[0])
    #expect(found == slowest.0, "\(reference), \(voxels.count) voxels")
  }

  @Test(arguments: InstructionSet.available) func `copy the payload of a NaN`(set: InstructionSet) throws {
    let floats = (1...99).map { Float(nan: $0 * 1021, signaling: false) * ($0 % 2 == 0 ? 1 : -1) }
    let doubles = (1...99).map { Double(nan: $0 * 40_961, signaling: false) * ($0 % 2 == 0 ? 1 : -1) }
    let (storedFloats, storedDoubles) = (floats.withUnsafeBytes(Array.init), doubles.withUnsafeBytes(Array.init))
    #expect(try encoded(floats, .float32, .identity, with: set).0 == storedFloats)
    #expect(try encoded(doubles, .float64, .identity, with: set).0 == storedDoubles)
    let again = try decoded(storedFloats, .float32, .littleEndian, .identity, as: Float.self, with: set)
    #expect(sameBits(again.0, floats) && again.1 == DecodeCounts(nonFinite: 99))
    #expect(
      sameBits(
        try decoded(storedDoubles, .float64, .littleEndian, .identity, as: Double.self, with: set).0, doubles))
  }
}

private func sameBits<Scalar>(_ some: [Scalar], _ others: [Scalar]) -> Bool {
  some.withUnsafeBytes(Array.init) == others.withUnsafeBytes(Array.init)
}

// MARK: - Inputs

/// Patterns where something changes for the type between random ones.
private func storedBytes(_ count: Int, of type: VoxelType, _ byteOrder: ByteOrder) -> [UInt8] {
  let special = specialPatterns(of: type)
  var random = SeededNumbers(seed: UInt64(count))
  return (0..<count).flatMap { (_: Int) -> [UInt8] in
    let pattern = random.next() % 2 == 0 ? random.next() : special[Int(random.next() % UInt64(special.count))]
    let bytes = withUnsafeBytes(of: pattern.littleEndian) { Array($0.prefix(type.bytes)) }
    return byteOrder == .littleEndian ? bytes : bytes.reversed()
  }
}

/// Special numbers and NaNs of both kinds; for integers the ends of the range, and of those that Double tells apart.
private func specialPatterns(of type: VoxelType) -> [UInt64] {
  switch type {
  case .float32:
    return specialNumbers.map { UInt64(Float($0).bitPattern) } + [0x7F80_0001, 0xFFBF_FFFF, 0x7FC1_2345]
  case .float64:
    return specialNumbers.map(\.bitPattern) + [0x7FF0_0000_0000_0001, 0xFFF7_FFFF_FFFF_FFFF, 0x7FF8_1234_5678_9ABC]
  default:
    let (end, exact) = (UInt64(1) << (8 * type.bytes - 1), UInt64(1) << 53)
    return [0, 1, end, end - 1, exact, exact + 1].flatMap { [$0, ~$0, ~$0 &+ 1] }
  }
}

private let specialNumbers: [Double] = [
  0, -0.0, 1, -1, .infinity, -.infinity, 0x1p-149, -0x1p-149, 0x1.fffffcp-127, 0x1p-1074, 0x1p-1022, 0x1.fffffep127,
  -0x1.fffffep127, 0x1.fffffefp127, 0x1.ffffffp127, 0x1p53, .greatestFiniteMagnitude,
]

/// Special numbers, NaN with any payload, values that are stored as corners of the rounding, and random ones.
private func physicalValues(_ count: Int, around scaling: Scaling) -> [Double] {
  var random = SeededNumbers(seed: UInt64(count))
  return (0..<count).map { (_: Int) -> Double in
    switch random.next() % 4 {
    case 0: specialNumbers[Int(random.next() % UInt64(specialNumbers.count))]
    case 1: Double(nan: random.next() >> 14, signaling: false) * (random.next() % 2 == 0 ? 1 : -1)
    case 2: Double.random(in: -70_000...70_000, using: &random) * scaling.slope
    default: corner(&random) * scaling.slope + scaling.intercept
    }
  }
}

/// Next to ± a power of two, where integer types end and sums lose their fractions: on halves, and just beside them.
private func corner(_ random: inout SeededNumbers) -> Double {
  let power = Double(sign: random.next() % 2 == 0 ? .plus : .minus, exponent: Int(random.next() % 66), significand: 1)
  let near = power + Double(Int(random.next() % 7) - 3) / 2
  let beside: [Double] = [near, near.nextUp, near.nextDown]
  return beside[Int(random.next() % 3)]
}
