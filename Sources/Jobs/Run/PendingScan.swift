import ByteStreams
import DurableIO
import Parallel
import VolumeIO
import Volumes

/// An output on its way to its name: compressed and hashed as it is written, then read back and compared.
package final class PendingScan: FrameDestination {
  package let writer: ScanWriter
  package let header: OutputHeader
  private let file: PendingFile
  private let sink: PendingFileSink
  private let workers: Workers

  /// What was written.
  package struct Written: Sendable {
    let voxels: VoxelDigest
    /// Of the file's bytes, as `sha256` is.
    let checksum: Checksum
    let sha256: Digest
  }

  /// What lies on the disk.
  package struct Stored: Sendable {
    package let sha256: Digest
    package let bytes: Int
    package let voxels: VoxelDigest
  }

  /// - Parameters:
  ///   - file: has the place that the scan will be published at.
  ///   - grid: of the output, where it is not the input's.
  package init(
    _ file: PendingFile, of input: ScanHeader, as form: OutputForm, on grid: GridChange? = nil, workers: Workers
  ) throws(ScanFailure) {
    header = try OutputHeader(of: input, as: form, on: grid)
    sink = PendingFileSink(file, workers: workers)
    writer = try ScanWriter(header: header, format: form.format, level: form.level, workers: workers, into: sink)
    self.file = file
    self.workers = workers
  }

  /// Everything flushed, synced and closed; what was compressed has been decompressed again and compared.
  package func finish() throws(ScanFailure) -> Written {
    let voxels = try writer.finish()
    // Waiting for a disk takes no processor.
    try workers.waiting { () throws(ScanFailure) in try sink.finish() }
    return Written(voxels: voxels, checksum: sink.checksum, sha256: sink.digest())
  }

  /// Reads the file back from the disk and compares every byte, by number and checksum, with what was written.
  ///
  /// Digests are of what was written; the checksum ties them to the disk. It is made to find what disks and cables do, and
  /// takes a tenth of a digest's time.
  package func compareWithDisk(
    _ written: Written, cancellation: Cancellation = Cancellation()
  ) throws -> Stored {
    let stored = try onDisk(.publish) { () throws(DurableFailure) in try file.openForReadBack() }
    let readBack = try ReadBack(stored, of: written.checksum.count, workers: workers)
    guard try readBack.checksum(cancellation) == written.checksum else { throw ScanFailure.readBackDiffers }
    return Stored(sha256: written.sha256, bytes: written.checksum.count, voxels: written.voxels)
  }
}

extension OutputHeader {
  /// The header of a scan's output.
  init(of input: ScanHeader, as form: OutputForm, on grid: GridChange? = nil) throws(ScanFailure) {
    let type = form.voxelType.resolved(for: input.voxelType)
    // Only an integer scan that is asked to keep its type keeps its scaling: see Decisions/Structure.md.
    let keepsScaling = form.voxelType == .same && !type.isFloatingPoint
    try self.init(
      from: input, voxelType: type, scaling: keepsScaling ? input.scaling : .identity, retention: form.retention,
      grid: grid)
  }
}
