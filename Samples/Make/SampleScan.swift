import ByteStreams
import Glibc
import Parallel
import VolumeIO
import Volumes

/// One scan to be written: physical values frame by frame, and how they are stored.
struct SampleScan {
  let grid: Grid
  let frames: [[Double]]
  let voxelType: VoxelType
  var scaling = Scaling.identity
  var frameSeconds = 0.0

  func write(_ path: String, as format: OutputFormat) throws {
    let header = try ScanHeader.new(
      shape: grid.shape, frames: frames.count, voxelType: voxelType, scaling: scaling, spacing: grid.spacing,
      frameSeconds: frameSeconds)
    let output = try OutputHeader(from: header, voxelType: voxelType, scaling: scaling)
    let file = FileBytes()
    let writer = try ScanWriter(header: output, format: format, level: 9, workers: Self.workers, into: file)
    for frame in frames { try writer.writeFrame(try stored(frame, output)) }
    _ = try writer.finish()
    try file.save(path)
    print("\(path): \(grid.shape), \(frames.count) frames, \(file.bytes.count) bytes")
  }

  private static let workers = Workers(count: 1)

  private func stored(_ values: [Double], _ header: OutputHeader) throws -> [UInt8] {
    let frame = try Frame<Double>(shape: grid.shape)
    _ = frame.voxels.update(fromContentsOf: values)
    var raw = [UInt8](repeating: 0, count: header.frameBytes)
    _ = raw.withUnsafeMutableBytes {
      VoxelConversion.encode(frame, type: voxelType, scaling: header.scaling, into: $0, workers: Self.workers)
    }
    return raw
  }
}

extension ScanWriter {
  fileprivate func writeFrame(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try writeFrame($0) }
  }
}

/// Keeps a small file in memory until it is whole.
private final class FileBytes: ByteSink {
  private(set) var bytes: [UInt8] = []

  func write(_ piece: UnsafeRawBufferPointer, leaving pieces: Int) { bytes += piece }

  func finish() {}

  /// Makes the folders above and replaces the file.
  func save(_ path: String) throws {
    for end in path.indices where path[end] == "/" && end != path.startIndex { mkdir(String(path[..<end]), 0o777) }
    let file = fopen(path, "w")
    guard let file else { throw CannotWrite(path: path, errno: errno) }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw CannotWrite(path: path, errno: errno) }
  }

  struct CannotWrite: Error {
    let path: String
    let errno: Int32
  }
}
