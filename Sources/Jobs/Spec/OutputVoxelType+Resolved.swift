import Volumes

extension OutputVoxelType {
  /// The type that an input of `type` is written as.
  package func resolved(for type: VoxelType) -> VoxelType {
    switch self {
    case .same: type
    case .stored(let stored): stored
    }
  }

  /// As the job file writes it.
  package var name: String {
    switch self {
    case .same: "same"
    case .stored(let type): type.rawValue
    }
  }
}
