import Volumes

/// The header of a filtered scan: the input's, with the voxels' new type and place, on the input's grid or another.
///
/// Little-endian, a single file, the same version of NIfTI. Every other field keeps its value. Text and extensions are
/// copied unless the retention says otherwise; unused bytes are copied.
package struct OutputHeader: Sendable {
  /// Header, extender and extensions: all that stands before the first voxel.
  package let bytes: [UInt8]
  package let voxelType: VoxelType
  /// As a reader of the output will see it: NIfTI-1 rounds to float32. Encode with this, not with what was asked for.
  package let scaling: Scaling
  package let frameBytes: Int
  package let frames: Int

  package var voxelBytes: Int { frameBytes * frames }

  /// - Parameters:
  ///   - scaling: what turns the stored numbers into physical ones; it replaces the input's.
  ///   - retention: what is copied of text and extensions.
  ///   - grid: the grid of the output, where it is not the input's.
  /// - Throws: `E_HDR_SCALE` when the output's header cannot hold the scaling; `E_HDR_DIM`, `E_HDR_PIXDIM` or
  ///   `E_HDR_XFORM` when it cannot hold the grid.
  package init(
    from input: ScanHeader, voxelType: VoxelType, scaling: Scaling = .identity, retention: HeaderRetention = .all,
    grid: GridChange? = nil
  ) throws(ScanFailure) {
    guard var fields = HeaderFields(input.raw, version: input.version, byteOrder: input.byteOrder)?.littleEndian()
    else {
      throw .header(.headerSize, "header", expected: "\(input.version.headerBytes) bytes", found: "\(input.raw.count)")
    }
    if retention.textFields == .clear { fields.clearText() }
    let extensions = Self.encoded(retention.kept(of: input.extensions))
    let voxelOffset = input.version.fixedBytes + extensions.count
    fields.setMagic(input.version.singleFileMagic)
    fields.set(.datatype, integer: Int(voxelType.code))
    fields.set(.bitpix, integer: 8 * voxelType.bytes)
    fields.setVoxelOffset(voxelOffset)
    try fields.set(scaling)
    if let grid { try fields.apply(grid, of: input) }
    // The display range was that of the unfiltered values; 0 to 0 means "not known".
    fields.set(.calMin, real: 0)
    fields.set(.calMax, real: 0)

    bytes = fields.bytes + [extensions.isEmpty ? 0 : 1, 0, 0, 0] + extensions
    self.voxelType = voxelType
    self.scaling = Scaling(slope: fields.real(.slope), intercept: fields.real(.intercept))
    frames = grid?.frames ?? input.frames
    frameBytes = try Self.checkedFrameBytes(grid?.shape ?? input.shape, frames: frames, voxelType)
  }

  /// A wider type may be too much for sizes that were just possible in the input.
  private static func checkedFrameBytes(
    _ shape: Shape, frames: Int, _ type: VoxelType
  ) throws(ScanFailure) -> Int {
    let frame = shape.count.multiplied(by: type.bytes)
    guard let frame, let total = frame.multiplied(by: frames), total < 1 << 62 else {
      throw .header(
        .headerOverflow, "dim", expected: "fewer than 2^62 bytes of voxels",
        found: "\(frames) frames of \(shape) \(type.rawValue)")
    }
    return frame
  }

  /// Sizes and codes little end first; the data are the owner's business and stay as they are.
  private static func encoded(_ extensions: [HeaderExtension]) -> [UInt8] {
    extensions.flatMap { item in
      // The standard wants multiples of 16; most have them already.
      let padding = [UInt8](repeating: 0, count: (16 - item.bytes % 16) % 16)
      return littleEndianBytes(Int32(truncatingIfNeeded: item.bytes + padding.count)) + littleEndianBytes(item.code)
        + item.data + padding
    }
  }

  private static func littleEndianBytes(_ number: Int32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

extension HeaderFields {
  /// Exact in NIfTI-1 too: the offset is 352 and a multiple of 16 within 64 MiB.
  mutating func setVoxelOffset(_ offset: Int) {
    if version == .one { set(.voxOffset, real: Double(offset)) } else { set(.voxOffset, integer: offset) }
  }

  fileprivate mutating func set(_ scaling: Scaling) throws(ScanFailure) {
    set(.slope, real: scaling.slope)
    set(.intercept, real: scaling.intercept)
    let (slope, intercept) = (real(.slope), real(.intercept))
    guard slope.isFinite, slope != 0, intercept.isFinite else {
      throw .header(
        .headerScale, "output scl_slope", expected: "a scaling that NIfTI-\(version.rawValue) can hold",
        found: "\(scaling.slope) × stored + \(scaling.intercept)")
    }
  }
}
