import ByteStreams
import Parallel
import Volumes

/// Writes one scan as a single file: header, extensions, then frame after frame.
///
/// The bytes depend on the header, the voxels, the format and the level, not on threads; see `GzipSink` for what fast gzip
/// promises.
package final class ScanWriter {
  private let header: OutputHeader
  private let sink: any ByteSink
  private let hash: VoxelHash
  private var voxelBytesWritten = 0

  /// Writes everything that stands before the voxels.
  ///
  /// - Parameters:
  ///   - level: of the format's compression; nothing for `nii`.
  ///   - below: takes the file's bytes; finishing the writer does not finish it.
  package init(
    header: OutputHeader, format: OutputFormat, level: Int, workers: Workers, into below: any ByteSink
  ) throws(ScanFailure) {
    self.header = header
    hash = VoxelHash(workers: workers)
    sink = try format.compression.sink(
      into: below, level: level, workers: workers, size: header.bytes.count + header.voxelBytes)
    try sink.write(header.bytes)
  }

  /// - Parameter raw: one frame of the header's type, little-endian: exactly `frameBytes`.
  package func writeFrame(_ raw: UnsafeRawBufferPointer) throws(ScanFailure) {
    precondition(raw.count == header.frameBytes, "a frame has \(header.frameBytes) bytes")
    defer { settle() }
    try writeVoxels(raw, leaving: 0)
  }

  /// - Parameters:
  ///   - raw: the next voxels, any number of bytes.
  ///   - pieces: so many of the last pieces may still be looked at when this returns; until they are settled, or as many
  ///     more have been written, whoever wrote them leaves them alone.
  package func writeVoxels(_ raw: UnsafeRawBufferPointer, leaving pieces: Int) throws(ScanFailure) {
    precondition(raw.count <= header.voxelBytes - voxelBytesWritten, "no more voxels are left to write")
    hash.add(raw)
    try sink.write(raw, leaving: pieces)
    voxelBytesWritten += raw.count
    hash.wait(leaving: pieces)
  }

  /// Returns when nobody looks any more at the bytes that were written.
  package func settle() {
    hash.wait()
    sink.settle()
  }

  /// Flushes the compression. To be called once, after the last frame.
  package func finish() throws(ScanFailure) -> VoxelDigest {
    precondition(voxelBytesWritten == header.voxelBytes, "frames are left to write")
    try sink.finish()
    return hash.finalise()
  }
}
