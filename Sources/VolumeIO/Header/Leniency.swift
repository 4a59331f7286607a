/// A kind of damage that a job may accept by name; what it let pass is recorded as a finding.
package enum Leniency: String, CaseIterable, Sendable, Hashable {
  /// A single file whose `vox_offset` is 0: the voxels are taken to follow the header and the extender.
  case voxOffsetZero = "vox-offset-zero"
  /// Bytes other than zeros after the last voxel.
  case trailingBytes = "trailing-bytes"
  /// Negative voxel sizes: their absolute value counts.
  case pixdimAbs = "pixdim-abs"
  /// Voxel sizes of 0 with a filter in mm: they count as 1 mm.
  case pixdimZero = "pixdim-zero"
  /// A file name whose ending does not fit the content: the content counts.
  case byContent = "by-content"
}

extension Leniency {
  /// The finding that tells each time of what was let pass.
  package var findingCode: String {
    switch self {
    case .voxOffsetZero: "vox-offset-zero"
    case .trailingBytes: "trailing-bytes"
    case .pixdimAbs: "pixdim-negative"
    case .pixdimZero: "pixdim-zero"
    case .byContent: "format-by-content"
    }
  }
}
