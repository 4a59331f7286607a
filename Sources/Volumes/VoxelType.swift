/// How voxels are stored in a file: the ten real types of NIfTI.
package enum VoxelType: String, CaseIterable, Sendable, Hashable {
  case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

  /// The `datatype` code of the NIfTI header.
  package var code: Int16 {
    switch self {
    case .uint8: 2
    case .int16: 4
    case .int32: 8
    case .float32: 16
    case .float64: 64
    case .int8: 256
    case .uint16: 512
    case .uint32: 768
    case .int64: 1024
    case .uint64: 1280
    }
  }

  package init?(code: Int16) {
    guard let type = VoxelType.allCases.first(where: { $0.code == code }) else { return nil }
    self = type
  }

  package var bytes: Int {
    switch self {
    case .uint8, .int8: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  package var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// Whether scans of this type are computed in Double: float64 itself, and the integers that Float's 24 bits cannot hold.
  package var needsDouble: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16, .float32: false
    case .uint32, .int32, .uint64, .int64, .float64: true
    }
  }
}
