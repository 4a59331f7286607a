import ByteStreams
import Volumes

extension ScanHeader {
  /// Where a new scan lies in the world.
  package enum Place: Sendable {
    /// Axes along the world's, the grid's middle at the origin.
    case centred
    /// The header has no transform: readers take the spacing alone, the first voxel at the origin.
    case unknown
    /// The sform; its columns should have the lengths that the spacing says.
    case at(Affine)
  }

  /// The header of a scan that no file stands behind: NIfTI-1, or NIfTI-2 for axes of more than 32,767 voxels.
  ///
  /// The bytes are read back by the strict reader, so that a header made here has passed the same checks as any other.
  ///
  /// - Parameters:
  ///   - spacing: in mm, as are all lengths.
  ///   - frameSeconds: the time between two frames.
  /// - Throws: what the reader refuses, such as a singular affine.
  package static func new(
    shape: Shape, frames: Int = 1, voxelType: VoxelType, scaling: Scaling = .identity, spacing: Spacing,
    frameSeconds: Double = 0
  ) throws(ScanFailure) -> ScanHeader {
    try new(
      dims: shape.lengths.array + (frames == 1 ? [] : [frames]), voxelType: voxelType, scaling: scaling,
      spacing: spacing, frameSeconds: frameSeconds, place: .centred)
  }

  /// The same of any number of axes from 1 to 7.
  package static func new(
    dims: [Int], voxelType: VoxelType, scaling: Scaling = .identity, spacing: Spacing, frameSeconds: Double = 0,
    place: Place
  ) throws(ScanFailure) -> ScanHeader {
    let version = dims.contains { $0 > Int(Int16.max) } ? NIfTIVersion.two : .one
    let empty = [UInt8](repeating: 0, count: version.headerBytes)
    guard var fields = HeaderFields(empty, version: version, byteOrder: .littleEndian) else {
      throw .header(.headerSize, "header", expected: "\(version.headerBytes) bytes", found: "\(empty.count)")
    }
    fields.set(.sizeOfHeader, integer: version.headerBytes)
    fields.setMagic(version.singleFileMagic)
    fields.setVoxelOffset(version.fixedBytes)
    fields.set(.datatype, integer: Int(voxelType.code))
    fields.set(.bitpix, integer: 8 * voxelType.bytes)
    fields.set(.slope, real: scaling.slope)
    fields.set(.intercept, real: scaling.intercept)
    fields.setGrid(dims, spacing: spacing, frameSeconds: frameSeconds)
    switch place {
    case .centred: fields.setCentredAffine(dims, spacing)
    case .unknown: break
    case .at(let affine): fields.setAffine(affine)
    }

    let header = try parse(from: HeaderBytes(fields.bytes + [0, 0, 0, 0]), form: .singleFile)
    guard header.dims == dims else {
      throw .header(.headerDim, "dim", expected: "lengths that a header can hold", found: "\(dims)")
    }
    return header
  }
}

extension ScanHeader {
  /// The header of a scan with the same type and scaling on another grid, as an output's would be.
  ///
  /// - Throws: what `OutputHeader` throws for the grid.
  package func on(_ grid: GridChange) throws(ScanFailure) -> ScanHeader {
    let output = try OutputHeader(from: self, voxelType: voxelType, scaling: scaling, grid: grid)
    return try ScanHeader.parse(from: HeaderBytes(output.bytes), form: .singleFile)
  }
}

extension HeaderFields {
  /// As sform, "scanner"; there is no qform.
  fileprivate mutating func setAffine(_ affine: Affine) {
    set(.sformCode, integer: 1)
    for (index, number) in affine.rows.joined().enumerated() { set(.sformRows, index, real: number) }
  }

  fileprivate mutating func setGrid(_ dims: [Int], spacing: Spacing, frameSeconds: Double) {
    let lengths = [dims.count] + dims.prefix(7) + Array(repeating: 1, count: max(0, 7 - dims.count))
    // The first number is the handedness of the qform, not a spacing.
    let steps = [1] + spacing.array + [frameSeconds]
    for (index, length) in lengths.enumerated() { set(.dim, index, integer: length) }
    for (index, step) in steps.enumerated() { set(.pixdim, index, real: step) }
    set(.units, integer: 2 + 8)  // millimetres and seconds
  }

  /// As qform and as sform, both "scanner". A quaternion of zeros is no rotation.
  fileprivate mutating func setCentredAffine(_ dims: [Int], _ spacing: Spacing) {
    set(.qformCode, integer: 1)
    set(.sformCode, integer: 1)
    for axis in Axis.allCases {
      let length = axis.rawValue < dims.count ? dims[axis.rawValue] : 1
      let offset = -spacing[axis] * Double(length - 1) / 2
      set(.qformOffset, axis.rawValue, real: offset)
      set(.sformRows, 4 * axis.rawValue + axis.rawValue, real: spacing[axis])
      set(.sformRows, 4 * axis.rawValue + 3, real: offset)
    }
  }
}

/// A header in memory, given to the reader in one piece.
private final class HeaderBytes: ByteSource {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let piece = rest.prefix(buffer.count)
    buffer.copyBytes(from: piece)
    rest = rest.dropFirst(piece.count)
    return piece.count
  }
}
