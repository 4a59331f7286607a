import Filtering
import Volumes

/// How much of what voxels say is lost when they are stored in the output's type: a mask of 0 and 1 that was smoothed and
/// kept as uint8 is 0 and 1 again.
///
/// Measured on voxels spread evenly over the whole scan, the same ones for any number of threads and slabs.
struct RoundingLoss: Sendable {
  private let step: Int
  private let type: VoxelType
  private let scaling: Scaling
  private var count = 0
  /// Sums are taken around the first value, so that large values that vary little lose nothing.
  private var first = 0.0
  private var sum = 0.0
  private var squares = 0.0
  private var errors = 0.0

  /// Some 4,000 voxels give the ratio to a few percent, and take 40 µs of a scan's time.
  private static let measured = 1 << 12

  /// - Parameter voxels: of the whole scan.
  init(voxels: Int, type: VoxelType, scaling: Scaling) {
    step = max(1, voxels / Self.measured)
    (self.type, self.scaling) = (type, scaling)
  }

  /// Looks at some of the voxels that were just encoded.
  ///
  /// - Parameters:
  ///   - start: voxels of the scan before the first of these.
  ///   - first: the voxel of the frame that was encoded first.
  ///   - stored: what they were encoded as.
  mutating func measure<Scalar: ComputeScalar>(
    _ frame: Frame<Scalar>, from first: Int, at start: Int, as stored: UnsafeRawBufferPointer
  ) {
    let voxels = stored.count / type.bytes
    for index in stride(from: (step - start % step) % step, to: voxels, by: step) {
      let value = Double(frame.base[first + index])
      take(value, type.value(of: stored, at: index) * scaling.slope + scaling.intercept)
    }
  }

  private mutating func take(_ value: Double, _ stored: Double) {
    let error = value - stored
    // What is clipped or is no number is counted elsewhere.
    guard error.isFinite, type.isFloatingPoint || abs(error) <= 0.51 * abs(scaling.slope) else { return }
    if count == 0 { first = value }
    count += 1
    sum += value - first
    squares += (value - first) * (value - first)
    errors += error * error
  }

  /// A finding where rounding changes voxels by more than a quarter of what they vary by.
  var finding: Finding? {
    guard count > 0, errors > 0 else { return nil }
    let mean = sum / Double(count)
    let variance = max(0, squares / Double(count) - mean * mean)
    let (error, spread) = ((errors / Double(count)).squareRoot(), variance.squareRoot())
    // Voxels that are all the same are lost only where their value is.
    guard 4 * error > (spread > 0 ? spread : abs(first)) else { return nil }
    return Finding(
      "precision-lost",
      "stored as \(type.rawValue), voxels that vary by \(spread.significant(3)) change by \(error.significant(3)) "
        + "(standard deviation, root mean square); choose output.voxel_type float32, or scale them first")
  }
}

extension VoxelType {
  /// One voxel of some that are stored little end first.
  fileprivate func value(of bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
    func load<T: BitwiseCopyable>(_ type: T.Type) -> T {
      bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: type)
    }
    return switch self {
    case .uint8: Double(load(UInt8.self))
    case .int8: Double(load(Int8.self))
    case .uint16: Double(UInt16(littleEndian: load(UInt16.self)))
    case .int16: Double(Int16(littleEndian: load(Int16.self)))
    case .uint32: Double(UInt32(littleEndian: load(UInt32.self)))
    case .int32: Double(Int32(littleEndian: load(Int32.self)))
    case .uint64: Double(UInt64(littleEndian: load(UInt64.self)))
    case .int64: Double(Int64(littleEndian: load(Int64.self)))
    case .float32: Double(Float(bitPattern: UInt32(littleEndian: load(UInt32.self))))
    case .float64: Double(bitPattern: UInt64(littleEndian: load(UInt64.self)))
    }
  }
}
