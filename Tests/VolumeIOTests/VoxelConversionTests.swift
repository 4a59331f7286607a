import Foundation
import Parallel
import SeededNumbers
import Testing
import VolumeIO
import Volumes

@Suite struct VoxelConversionTests {
  static let scalings = [
    Scaling.identity, Scaling(slope: 0.0371, intercept: -12.5), Scaling(slope: -2, intercept: 0),
    Scaling(slope: 1, intercept: 1024),
  ]

  @Test(arguments: VoxelType.allCases, scalings)
  func `decoding random bytes equals the slow reference at every length and alignment`(
    type: VoxelType, scaling: Scaling
  ) throws {
    for byteOrder in [ByteOrder.littleEndian, .bigEndian] {
      let reference = ConversionReference(type: type, byteOrder: byteOrder, scaling: scaling)
      for length in Array(1...70) + [100_003] {
        let raw = randomBytes(length * type.bytes, seed: length)
        try expectDecoded(raw, reference, as: Float.self)
        try expectDecoded(raw, reference, as: Double.self)
      }
    }
  }

  @Test(arguments: VoxelType.allCases, scalings)
  func `encoding random values equals the slow reference at every length and alignment`(
    type: VoxelType, scaling: Scaling
  ) throws {
    let reference = ConversionReference(type: type, byteOrder: .littleEndian, scaling: scaling)
    for length in Array(1...70) + [100_003] {
      let voxels = randomValues(length, seed: length)
      try expectEncoded(voxels, reference)
      try expectEncoded(voxels.map(Float.init), reference)
    }
  }

  @Test func `conversion gives numpy's answers`() throws {
    let golden = try ConversionGolden.load()
    #expect(golden.cases.count == 40)
    let physical = bytes(hex: golden.physical).elements(as: Double.self)
    for example in golden.cases {
      let type = try #require(VoxelType(rawValue: example.type))
      let scaling = Scaling(slope: example.slope, intercept: example.intercept)
      let floats = try decoded(bytes(hex: example.stored), type, .littleEndian, scaling, as: Float.self).0
      #expect(floats.matches(bytes(hex: example.float32).elements(as: Float.self)), "\(example.type) \(scaling)")
      let doubles = try decoded(bytes(hex: example.stored), type, .littleEndian, scaling, as: Double.self).0
      #expect(doubles.matches(bytes(hex: example.float64).elements(as: Double.self)), "\(example.type) \(scaling)")
      let (written, counts) = try encoded(physical, type, scaling)
      #expect(sameStored(written, bytes(hex: example.encoded), type), "\(example.type) \(scaling)")
      #expect(counts.clipped == example.clipped, "\(example.type) \(scaling)")
    }
  }

  @Test(arguments: [VoxelType.uint8, .int8, .uint16, .int16])
  func `every stored value comes back through Float`(type: VoxelType) throws {
    let every = (0..<1 << (8 * type.bytes)).flatMap { (value: Int) in
      type.bytes == 1 ? [UInt8(value)] : [UInt8(value & 255), UInt8(value >> 8)]
    }
    for scaling in Self.scalings {
      let (voxels, seen) = try decoded(every, type, .littleEndian, scaling, as: Float.self)
      let (written, clipped) = try encoded(voxels, type, scaling)
      #expect(written == every)
      #expect(seen == DecodeCounts() && clipped == EncodeCounts())
    }
  }

  @Test(arguments: [VoxelType.int32, .uint32, .int64, .uint64, .float64])
  func `what Double holds comes back through Double`(type: VoxelType) throws {
    let scale: Double = type == .float64 ? 0.1 : 1
    let numbers = (0..<1000).map { Double($0 * $0 * 2000) * scale }
    let first = try encoded(numbers, type, .identity).0
    let again = try decoded(first, type, .littleEndian, .identity, as: Double.self).0
    #expect(again == numbers)
  }

  @Test func `halves round to even`() throws {
    let voxels: [Float] = [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5]
    #expect(try encoded(voxels, .int8, .identity).0.map(Int8.init(bitPattern:)) == [-2, -2, 0, 0, 2, 2, 4])
  }

  @Test func `integers clip at their ends and store NaN as 0, counting both`() throws {
    let voxels: [Double] = [-.infinity, -129, -128.5, -128.6, 127.5, 127.49, 1e300, .infinity, .nan]
    let (written, counts) = try encoded(voxels, .int8, .identity)
    #expect(written.map(Int8.init(bitPattern:)) == [-128, -128, -128, -128, 127, 127, 127, 127, 0])
    #expect(counts == EncodeCounts(clipped: 6, nonFinite: 3))
  }

  @Test func `float32 clips finite values and keeps infinities`() throws {
    let (written, counts) = try encoded([1e39, -1e39, .infinity, 1] as [Double], .float32, .identity)
    let largest = Float.greatestFiniteMagnitude
    #expect(written.elements(as: Float.self) == [largest, -largest, .infinity, 1])
    #expect(counts == EncodeCounts(clipped: 2, nonFinite: 1))
  }

  @Test func `an overflow made by scaling is told from an infinity in the file`() throws {
    let stored = [Float.infinity, .nan, 3, 1e-3].flatMap { withUnsafeBytes(of: $0, Array.init) }
    let counts = try decoded(stored, .float32, .littleEndian, Scaling(slope: 2e38, intercept: 0), as: Float.self).1
    #expect(counts == DecodeCounts(nonFinite: 3, overflowed: 1))
  }

  @Test func `integers beyond 2^53 are counted`() throws {
    let edge = Int64(1) << 53
    let stored = [edge, edge + 1, -edge, -edge - 1, .min, .max, 0].flatMap { withUnsafeBytes(of: $0, Array.init) }
    #expect(try decoded(stored, .int64, .littleEndian, .identity, as: Double.self).1.beyondPrecision == 4)
    #expect(try decoded(stored, .uint64, .littleEndian, .identity, as: Double.self).1.beyondPrecision == 5)
  }

  @Test(arguments: [1, 2, 3, 4, 8])
  func `threads change neither bits nor counts`(threads: Int) throws {
    let raw = randomBytes(1_000_003 * 4, seed: threads)
    let scaling = Scaling(slope: 0.1, intercept: 3)
    let alone = try decoded(raw, .float32, .bigEndian, scaling, as: Float.self)
    let shared = try decoded(raw, .float32, .bigEndian, scaling, as: Float.self, threads: threads)
    #expect(alone.0.matches(shared.0) && alone.1 == shared.1)
    let written = try encoded(alone.0, .uint16, scaling)
    let writtenShared = try encoded(alone.0, .uint16, scaling, threads: threads)
    #expect(written == writtenShared)
  }
}

// MARK: - Comparison with the slow reference

private func expectDecoded<Scalar: ComputeScalar>(
  _ raw: [UInt8], _ reference: ConversionReference, as scalar: Scalar.Type,
  at location: SourceLocation = #_sourceLocation
) throws {
  let (expected, expectedCounts) = raw.withUnsafeBytes { reference.decode($0, as: scalar) }
  let (found, counts) = try decoded(raw, reference.type, reference.byteOrder, reference.scaling, as: scalar, threads: 3)
  #expect(found.matches(expected), "\(reference), \(expected.count) voxels", sourceLocation: location)
  #expect(counts == expectedCounts, "\(reference), \(expected.count) voxels", sourceLocation: location)
}

private func expectEncoded<Scalar: ComputeScalar>(
  _ voxels: [Scalar], _ reference: ConversionReference, at location: SourceLocation = #_sourceLocation
) throws {
  let (expected, expectedCounts) = reference.encode(voxels)
  let (found, counts) = try encoded(voxels, reference.type, reference.scaling, threads: 3)
  #expect(
    sameStored(found, expected, reference.type), "\(reference), \(voxels.count) voxels", sourceLocation: location)
  #expect(counts == expectedCounts, "\(reference), \(voxels.count) voxels", sourceLocation: location)
}

// MARK: - Inputs

private func randomBytes(_ count: Int, seed: Int) -> [UInt8] {
  var random = SeededNumbers(seed: UInt64(seed))
  return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
}

/// Values of every size around the ends of the integer types, halves, infinities, and NaN with any payload.
private func randomValues(_ count: Int, seed: Int) -> [Double] {
  var random = SeededNumbers(seed: UInt64(seed))
  return (0..<count).map { _ in
    let size = Double(sign: .plus, exponent: Int(random.next() % 70), significand: 1)
    let value = Double.random(in: -size...size, using: &random)
    return switch random.next() % 16 {
    case 0: Double(nan: random.next() >> 14, signaling: false)
    case 1: value < 0 ? -.infinity : .infinity
    case 2: value * 1e290
    case 3...7: value.rounded() + 0.5
    default: value
    }
  }
}

private func bytes(hex: String) -> [UInt8] {
  let digits = Array(hex.utf8).map { UInt8($0 > 57 ? $0 - 87 : $0 - 48) }
  return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// What `Golden/make_conversion.py` wrote.
private struct ConversionGolden: Decodable {
  struct Case: Decodable {
    let type: String
    let slope: Double
    let intercept: Double
    let stored: String
    let float32: String
    let float64: String
    let encoded: String
    let clipped: Int
  }

  let physical: String
  let cases: [Case]

  static func load() throws -> ConversionGolden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Golden/conversion.json")
    return try JSONDecoder().decode(ConversionGolden.self, from: Data(contentsOf: file))
  }
}
