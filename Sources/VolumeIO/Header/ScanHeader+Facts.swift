import Volumes

extension ScanHeader {
  /// What a person or a log may know about the header, in the order to show it; numbers and names of fields, never
  /// header text.
  package var facts: [(name: String, value: String)] {
    [
      ("format", "NIfTI-\(version.rawValue)"),
      ("byte_order", byteOrder.rawValue),
      ("dims", dims.map(String.init).joined(separator: "×")),
      ("voxel_type", voxelType.rawValue),
      ("scaling", scalingFact),
      ("spacing_mm", spacing.array.map(\.description).joined(separator: " × ")),
      ("unit", unitsKnown ? lengthUnit.rawValue : "unknown, taken as mm"),
      ("affine_from", affineSource.rawValue),
      ("affine", affine.rows.map(Self.row).joined(separator: "; ")),
      ("qform_code", Self.transform(qformCode)),
      ("sform_code", Self.transform(sformCode)),
      ("voxel_offset", "\(voxelOffset)"),
      ("extensions", extensionsFact),
    ]
  }

  private var scalingFact: String {
    hasScaling ? "\(scaling.slope) × stored + \(scaling.intercept)" : "none"
  }

  private var extensionsFact: String {
    extensions.isEmpty
      ? "none" : extensions.map { "code \($0.code), \($0.bytes) bytes" }.joined(separator: "; ")
  }

  private static func row(_ row: [Double]) -> String { row.map(\.description).joined(separator: " ") }

  private static func transform(_ code: Int) -> String {
    let names = ["none", "scanner", "aligned", "Talairach", "MNI 152", "other template"]
    return names.indices.contains(code) ? "\(code) (\(names[code]))" : "\(code) (undefined)"
  }
}
