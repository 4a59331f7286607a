import Parallel
import Testing
import VolumeIO
import Volumes

/// Decodes from an address that is never aligned, as a file's header may leave it.
func decoded<Scalar: ComputeScalar>(
  _ raw: [UInt8], _ type: VoxelType, _ byteOrder: ByteOrder, _ scaling: Scaling, as _: Scalar.Type, threads: Int = 1,
  with set: InstructionSet = .preferred
) throws -> ([Scalar], DecodeCounts) {
  let shape = try #require(Shape(i: raw.count / type.bytes))
  let frame = try Frame<Scalar>(shape: shape)
  let counts = ([0] + raw).withUnsafeBytes {
    VoxelConversion.decode(
      UnsafeRawBufferPointer(rebasing: $0.dropFirst()), type: type, byteOrder: byteOrder, scaling: scaling, into: frame,
      workers: Workers(count: threads), instructionSet: set)
  }
  return (Array(frame.voxels), counts)
}

/// Encodes to an address that is never aligned, and looks that the bytes around it are left alone.
func encoded<Scalar: ComputeScalar>(
  _ voxels: [Scalar], _ type: VoxelType, _ scaling: Scaling, threads: Int = 1,
  with set: InstructionSet = .preferred
) throws -> ([UInt8], EncodeCounts) {
  let frame = try Frame<Scalar>(shape: try #require(Shape(i: voxels.count)))
  _ = frame.voxels.update(fromContentsOf: voxels)
  var raw = [UInt8](repeating: 0xA5, count: voxels.count * type.bytes + 2)
  let counts = raw.withUnsafeMutableBytes {
    VoxelConversion.encode(
      frame, type: type, scaling: scaling, into: UnsafeMutableRawBufferPointer(rebasing: $0.dropFirst().dropLast()),
      workers: Workers(count: threads), instructionSet: set)
  }
  #expect(raw.first == 0xA5 && raw.last == 0xA5)
  return (Array(raw.dropFirst().dropLast()), counts)
}

extension Array where Element: ComputeScalar {
  /// The same numbers with the same signs of zero; any NaN equals any other.
  func matches(_ other: [Element]) -> Bool {
    count == other.count
      && zip(self, other).allSatisfy { ($0 == $1 && $0.sign == $1.sign) || ($0.isNaN && $1.isNaN) }
  }
}

/// Compares floating-point types as numbers, because a NaN may carry any payload.
func sameStored(_ found: [UInt8], _ expected: [UInt8], _ type: VoxelType) -> Bool {
  switch type {
  case .float32: found.elements(as: Float.self).matches(expected.elements(as: Float.self))
  case .float64: found.elements(as: Double.self).matches(expected.elements(as: Double.self))
  default: found == expected
  }
}

extension [UInt8] {
  func elements<T: BitwiseCopyable>(as type: T.Type) -> [T] {
    withUnsafeBytes { raw in
      stride(from: 0, to: raw.count, by: MemoryLayout<T>.size).map { raw.loadUnaligned(fromByteOffset: $0, as: type) }
    }
  }
}
