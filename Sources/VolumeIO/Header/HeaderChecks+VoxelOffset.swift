import Volumes

extension HeaderChecks {
  /// More than this in front of the voxels is refused: nobody has such extensions, and hostile files claim them.
  static let extensionBytesLimit = 64 << 20

  /// The byte at which the voxels begin: counted from the start of the single file, or of the `.img`.
  mutating func voxelOffset() throws(ScanFailure) -> Int {
    let offset = try wholeOffset()
    if form == .singleFile, offset == 0, version == .one { return try offsetOfZero() }
    let least = form == .singleFile ? version.fixedBytes : 0
    let most = version.fixedBytes + Self.extensionBytesLimit
    guard offset >= least else { throw wrongOffset(expected: "at least \(least)", found: "\(offset)") }
    guard offset <= most else { throw wrongOffset(expected: "at most \(most)", found: "\(offset)") }
    if offset % 16 != 0 { warn("vox-offset-unaligned", "vox_offset is \(offset), not a multiple of 16") }
    return offset
  }

  /// NIfTI-1 keeps the offset as a float32, which can hold anything.
  private func wholeOffset() throws(ScanFailure) -> Int {
    guard version == .one else { return fields.integer(.voxOffset) }
    let stored = fields.real(.voxOffset)
    guard let offset = Int(exactly: stored) else { throw wrongOffset(expected: "a whole number", found: "\(stored)") }
    return offset
  }

  /// Writers that know nothing of extenders leave 0.
  private mutating func offsetOfZero() throws(ScanFailure) -> Int {
    guard leniencies.contains(.voxOffsetZero) else {
      throw .header(
        .headerOffset, "vox_offset", expected: "at least \(version.fixedBytes)", found: "0", unless: .voxOffsetZero)
    }
    warn(Leniency.voxOffsetZero.findingCode, "vox_offset is 0, \(version.fixedBytes) was used")
    offsetIsAssumed = true
    fields.set(.voxOffset, real: Double(version.fixedBytes))
    return version.fixedBytes
  }

  func wrongOffset(expected: String, found: String) -> ScanFailure {
    .header(.headerOffset, "vox_offset", expected: expected, found: found)
  }
}
