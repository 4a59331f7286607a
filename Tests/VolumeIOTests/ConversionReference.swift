import VolumeIO
import Volumes

/// Voxel conversion one voxel at a time, in the language's own arithmetic: slow, short and plainly right.
struct ConversionReference {
  let type: VoxelType
  let byteOrder: ByteOrder
  let scaling: Scaling

  func decode<Scalar: ComputeScalar>(_ raw: UnsafeRawBufferPointer, as _: Scalar.Type) -> ([Scalar], DecodeCounts) {
    var counts = DecodeCounts()
    let voxels = stride(from: 0, to: raw.count, by: type.bytes).map { offset in
      let (stored, isExact) = value(in: raw, at: offset)
      let product = scaling.slope == 1 ? stored : stored * scaling.slope
      let voxel = Scalar(scaling.intercept == 0 ? product : product + scaling.intercept)
      counts.nonFinite += voxel.isFinite ? 0 : 1
      counts.overflowed += stored.isFinite && !voxel.isFinite ? 1 : 0
      counts.beyondPrecision += isExact ? 0 : 1
      return voxel
    }
    return (voxels, counts)
  }

  /// The stored number, and whether it lies in the range whose integers Double holds one by one.
  private func value(in raw: UnsafeRawBufferPointer, at offset: Int) -> (Double, isExact: Bool) {
    func integer<T: FixedWidthInteger>(_: T.Type) -> (Double, isExact: Bool) {
      let bits = raw.loadUnaligned(fromByteOffset: offset, as: T.self)
      let stored = byteOrder == .bigEndian ? T(bigEndian: bits) : T(littleEndian: bits)
      return (Double(stored), stored.magnitude <= 9_007_199_254_740_992)
    }
    func bits<T: FixedWidthInteger>(_: T.Type) -> T {
      let bits = raw.loadUnaligned(fromByteOffset: offset, as: T.self)
      return byteOrder == .bigEndian ? T(bigEndian: bits) : T(littleEndian: bits)
    }
    return switch type {
    case .uint8: integer(UInt8.self)
    case .int8: integer(Int8.self)
    case .uint16: integer(UInt16.self)
    case .int16: integer(Int16.self)
    case .uint32: integer(UInt32.self)
    case .int32: integer(Int32.self)
    case .uint64: integer(UInt64.self)
    case .int64: integer(Int64.self)
    case .float32: (Double(Float(bitPattern: bits(UInt32.self))), true)
    case .float64: (Double(bitPattern: bits(UInt64.self)), true)
    }
  }

  func encode<Scalar: ComputeScalar>(_ voxels: [Scalar]) -> ([UInt8], EncodeCounts) {
    var counts = EncodeCounts()
    let bytes = voxels.flatMap { voxel in
      counts.nonFinite += voxel.isFinite ? 0 : 1
      let (bytes, isClipped) = stored((Double(voxel) - scaling.intercept) / scaling.slope, isFinite: voxel.isFinite)
      counts.clipped += isClipped ? 1 : 0
      return bytes
    }
    return (bytes, counts)
  }

  private func stored(_ value: Double, isFinite: Bool) -> ([UInt8], isClipped: Bool) {
    func integer<T: FixedWidthInteger>(_: T.Type) -> ([UInt8], isClipped: Bool) {
      let whole = value.rounded(.toNearestOrEven)
      if whole.isNaN { return (littleEndian(T.zero), false) }
      if let inside = T(exactly: whole) { return (littleEndian(inside), false) }
      return (littleEndian(whole < 0 ? T.min : T.max), true)
    }
    func floating<T: BinaryFloatingPoint>(_ result: T, _ bytes: (T) -> [UInt8]) -> ([UInt8], isClipped: Bool) {
      guard isFinite, !result.isFinite else { return (bytes(result), false) }
      return (bytes(value < 0 ? -T.greatestFiniteMagnitude : T.greatestFiniteMagnitude), true)
    }
    return switch type {
    case .uint8: integer(UInt8.self)
    case .int8: integer(Int8.self)
    case .uint16: integer(UInt16.self)
    case .int16: integer(Int16.self)
    case .uint32: integer(UInt32.self)
    case .int32: integer(Int32.self)
    case .uint64: integer(UInt64.self)
    case .int64: integer(Int64.self)
    case .float32: floating(Float(value)) { littleEndian($0.bitPattern) }
    case .float64: floating(value) { littleEndian($0.bitPattern) }
    }
  }

  private func littleEndian<T: FixedWidthInteger>(_ integer: T) -> [UInt8] {
    withUnsafeBytes(of: integer.littleEndian, Array.init)
  }
}
