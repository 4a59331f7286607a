import Parallel
import VolumeIO
import Volumes

/// A scan in memory: its voxels, and the header that goes into the output with them.
///
/// Voxels are physical values (stored · slope + intercept). Frames are computed in Float, or in Double for float64 and for
/// integers of 32 and 64 bits. For scans that do not fit into memory, run a ``Job``: it streams.
public struct Volume: Sendable {
  /// The lengths of all axes as the header gives them, 1 to 7 of them.
  public var dimensions: [Int] { header.dims }
  /// The distances between voxel centres along i, j and k, in mm.
  public var spacing: [Double] { header.spacing.array }
  /// Voxel indices to world coordinates in mm, RAS+: three rows of four.
  public var affine: [[Double]] { header.affine.rows }
  /// The number of 3-D volumes: the product of the lengths after the third.
  public var frameCount: Int { header.frames }
  /// Oddities of the file that were accepted, by name.
  public let findings: [String]

  let header: ScanHeader
  let frames: Frames

  /// The frames, in the scalar that they are computed in.
  enum Frames: Sendable {
    case float([Frame<Float>])
    case double([Frame<Double>])
  }

  init(header: ScanHeader, frames: Frames, findings: [String]) {
    self.header = header
    self.frames = frames
    self.findings = findings
  }

  /// Reads a NIfTI scan, single file or pair, compressed or not, to its last byte.
  ///
  /// - Throws: if the file is damaged in any byte, or there is not enough memory. NaN and infinities are kept.
  public init(contentsOf path: String) throws(MedFilterError) {
    self = try translated {
      let reader = try ScanReader(path, in: .anywhere)
      let frames: Frames =
        reader.header.voxelType.needsDouble
        ? .double(try Self.read(reader)) : .float(try Self.read(reader))
      _ = try reader.finish()
      return Volume(header: reader.header, frames: frames, findings: reader.findings.map(\.code))
    }
  }

  /// A voxel's physical value; indices count from 0 and must lie inside.
  public subscript(i: Int, j: Int, k: Int, frame frame: Int = 0) -> Double {
    let shape = header.shape
    precondition(
      (0..<shape.i).contains(i) && (0..<shape.j).contains(j) && (0..<shape.k).contains(k), "a voxel of \(shape)")
    let index = (k * shape.j + j) * shape.i + i
    return switch frames {
    case .float(let frames): Double(frames[frame].voxels[index])
    case .double(let frames): frames[frame].voxels[index]
    }
  }

  private static func read<Scalar: ComputeScalar>(_ reader: ScanReader) throws -> [Frame<Scalar>] {
    let header = reader.header
    let raw = try MappedMemory(count: header.frameBytes)
    return try (0..<header.frames).map { _ in
      try reader.readFrame(into: raw.bytes)
      let frame = try Frame<Scalar>(shape: header.shape)
      let counts = VoxelConversion.decode(
        UnsafeRawBufferPointer(raw.bytes), type: header.voxelType, byteOrder: header.byteOrder,
        scaling: header.scaling, into: frame, workers: Workers(count: 1))
      guard counts.overflowed == 0 else { throw ScanFailure.scaledBeyondRange(counts.overflowed) }
      guard counts.beyondPrecision == 0 else { throw ScanFailure.beyondPrecision(counts.beyondPrecision) }
      return frame
    }
  }
}
