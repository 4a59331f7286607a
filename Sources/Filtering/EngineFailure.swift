import Volumes

/// Why a chain did not reach its end.
package enum EngineFailure: Error, Equatable {
  case cancelled
  case outOfMemory(bytes: Int)
  /// A frame or a mask is not on the grid that the chain was prepared for.
  case gridMismatch(expected: Shape, found: Shape)
  /// Leaving voxels out divides by the weight of those that are there, which means nothing for weights that cancel.
  case negativeWeights(filter: String)
  /// A scan beside the input cannot be read.
  case companion(ScanFailure)
  /// An operation made itself ready for another scope than it says that it has: a defect of ours.
  case wrongScope(filter: String)
}

extension EngineFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cancelled: "cancelled"
    case .outOfMemory(let bytes): "expected \(bytes) bytes of memory, found none"
    case .gridMismatch(let expected, let found): "expected a grid of \(expected), found \(found)"
    case .negativeWeights(let filter):
      "\(filter): expected weights of at least 0, because absent voxels divide by the weight of the others; "
        + "found a negative weight"
    case .companion(let failure): failure.description
    case .wrongScope(let filter): "\(filter): expected an operation of its scope, found another kind"
    }
  }
}
