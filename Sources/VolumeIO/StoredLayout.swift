import CHotLoops
import Parallel
import Synchronization
import Volumes

/// How one file stores its voxels, in the words of the C loops; shares a run of them out to the workers slab by slab.
struct StoredLayout: Sendable {
  private let type: chotloops_stored_type
  private let bytes: Int
  private let isSwapped: Bool
  private let scaling: Scaling

  init(_ type: VoxelType, isSwapped: Bool, _ scaling: Scaling) {
    self.type = type.hotLoopName
    self.bytes = type.bytes
    self.isSwapped = isSwapped
    self.scaling = scaling
  }

  func decode<Scalar>(
    _ raw: UnsafeRawBufferPointer, into frame: Frame<Scalar>, at first: Int, workers: Workers, _ loops: ConversionLoops
  ) -> DecodeCounts {
    let count = voxels(in: raw.count, from: first, of: frame)
    // Unsafe because workers read the caller's bytes; they are joined before this function returns.
    nonisolated(unsafe) let stored = raw.baseAddress
    let total = Mutex(DecodeCounts())
    workers.forEachSlab(of: count, slab: Self.slab) { _, voxels in
      let seen = loops.call.decode(
        type, isSwapped, scaling.slope, scaling.intercept, stored.map { $0 + voxels.lowerBound * bytes },
        frame.base + first + voxels.lowerBound, UInt32(voxels.count))
      total.withLock { $0 += DecodeCounts(seen) }
    }
    return total.withLock { $0 }
  }

  func encode<Scalar>(
    _ frame: Frame<Scalar>, from first: Int, into raw: UnsafeMutableRawBufferPointer, workers: Workers,
    _ loops: ConversionLoops
  ) -> EncodeCounts {
    let count = voxels(in: raw.count, from: first, of: frame)
    // Unsafe because workers write the caller's bytes, each its own part; they are joined before this function returns.
    nonisolated(unsafe) let stored = raw.baseAddress
    let total = Mutex(EncodeCounts())
    workers.forEachSlab(of: count, slab: Self.slab) { _, voxels in
      let seen = loops.call.encode(
        type, scaling.slope, scaling.intercept, frame.base + first + voxels.lowerBound,
        stored.map { $0 + voxels.lowerBound * bytes }, UInt32(voxels.count))
      total.withLock { $0 += EncodeCounts(seen) }
    }
    return total.withLock { $0 }
  }

  private func voxels<Scalar>(in count: Int, from first: Int, of frame: Frame<Scalar>) -> Int {
    let voxels = count / bytes
    precondition(voxels * bytes == count, "the bytes are those of whole voxels")
    precondition(first >= 0 && voxels <= frame.shape.count - first, "the voxels are those of one frame")
    return voxels
  }

  /// Voxels handed out at a time: some 7 µs of work or more, so that the lock and the counter cost nothing.
  private static let slab = 1 << 15
}

/// The table of conversion loops of one instruction set for one scalar.
struct ConversionLoops: @unchecked Sendable {
  // @unchecked Sendable because the table is constant data of the program.
  fileprivate let table: UnsafePointer<chotloops_conversion>

  var call: chotloops_conversion { table.pointee }
}

extension InstructionSet {
  /// The loops that convert voxels to a scalar and back.
  func conversion<Scalar: ComputeScalar>(for scalar: Scalar.Type) -> ConversionLoops {
    let isFloat = MemoryLayout<Scalar>.size == MemoryLayout<Float>.size
    return ConversionLoops(table: isFloat ? variant.float32_conversion : variant.float64_conversion)
  }
}

extension DecodeCounts {
  fileprivate init(_ seen: chotloops_decoded) {
    // Scaling cannot make a stored NaN or infinity finite again, so the difference counts what scaling made.
    self.init(
      nonFinite: Int(seen.non_finite), overflowed: Int(seen.non_finite) - Int(seen.stored_non_finite),
      beyondPrecision: Int(seen.beyond_precision))
  }
}

extension EncodeCounts {
  fileprivate init(_ seen: chotloops_encoded) {
    self.init(clipped: Int(seen.clipped), nonFinite: Int(seen.non_finite))
  }
}

extension VoxelType {
  fileprivate var hotLoopName: chotloops_stored_type {
    switch self {
    case .uint8: chotloops_uint8
    case .int8: chotloops_int8
    case .uint16: chotloops_uint16
    case .int16: chotloops_int16
    case .uint32: chotloops_uint32
    case .int32: chotloops_int32
    case .uint64: chotloops_uint64
    case .int64: chotloops_int64
    case .float32: chotloops_float32
    case .float64: chotloops_float64
    }
  }
}
