import ByteStreams
import Volumes

extension ScanHeader {
  /// The header of a scan that no file stands behind: NIfTI-1, axes along the world's, the grid's middle at the origin.
  ///
  /// The bytes are read back by the strict reader, so that a header made here has passed the same checks as any other.
  ///
  /// - Parameters:
  ///   - spacing: in mm, as are all lengths.
  ///   - frameSeconds: the time between two frames.
  /// - Throws: what the reader refuses, such as lengths that NIfTI-1 cannot hold.
  package static func new(
    shape: Shape, frames: Int = 1, voxelType: VoxelType, scaling: Scaling = .identity, spacing: Spacing,
    frameSeconds: Double = 0
  ) throws(ScanFailure) -> ScanHeader {
    let version = NIfTIVersion.one
    let empty = [UInt8](repeating: 0, count: version.headerBytes)
    guard var fields = HeaderFields(empty, version: version, byteOrder: .littleEndian) else {
      throw .header(.headerSize, "header", expected: "\(version.headerBytes) bytes", found: "\(empty.count)")
    }
    fields.set(.sizeOfHeader, integer: version.headerBytes)
    fields.setMagic(version.singleFileMagic)
    fields.set(.voxOffset, real: Double(version.fixedBytes))
    fields.set(.datatype, integer: Int(voxelType.code))
    fields.set(.bitpix, integer: 8 * voxelType.bytes)
    fields.set(.slope, real: scaling.slope)
    fields.set(.intercept, real: scaling.intercept)
    fields.setGrid(shape, frames: frames, spacing: spacing, frameSeconds: frameSeconds)
    fields.setCentredAffine(shape, spacing)

    let header = try parse(from: HeaderBytes(fields.bytes + [0, 0, 0, 0]), form: .singleFile)
    guard header.shape == shape, header.frames == frames else {
      throw .header(.headerDim, "dim", expected: "lengths of at most 32767", found: "\(shape), \(frames) frames")
    }
    return header
  }
}

extension HeaderFields {
  fileprivate mutating func setGrid(_ shape: Shape, frames: Int, spacing: Spacing, frameSeconds: Double) {
    let lengths = [frames == 1 ? 3 : 4] + shape.lengths.array + [frames, 1, 1, 1]
    // The first number is the handedness of the qform, not a spacing.
    let steps = [1] + spacing.array + [frameSeconds]
    for (index, length) in lengths.enumerated() { set(.dim, index, integer: length) }
    for (index, step) in steps.enumerated() { set(.pixdim, index, real: step) }
    set(.units, integer: 2 + 8)  // millimetres and seconds
  }

  /// As qform and as sform, both "scanner". A quaternion of zeros is no rotation.
  fileprivate mutating func setCentredAffine(_ shape: Shape, _ spacing: Spacing) {
    set(.qformCode, integer: 1)
    set(.sformCode, integer: 1)
    for axis in Axis.allCases {
      let offset = -spacing[axis] * Double(shape[axis] - 1) / 2
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
