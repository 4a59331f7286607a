import ByteStreams
import DurableIO
import Parallel
import VolumeIO
import Volumes

/// An output on its way to its name: compressed and hashed as it is written, then read back and compared.
package final class PendingScan {
  package let writer: ScanWriter
  package let header: OutputHeader
  private let file: PendingFile
  private let sink: PendingFileSink

  /// What was written, by digest.
  package struct Written: Sendable {
    /// Of the file as it lies on the disk.
    let sha256: Digest
    let bytes: Int
    let voxels: VoxelDigest
  }

  /// - Parameter file: has the place that the scan will be published at.
  package init(_ file: PendingFile, of input: ScanHeader, as form: OutputForm, workers: Workers) throws(ScanFailure) {
    let type = form.voxelType.resolved(for: input.voxelType)
    // Only an integer scan that is asked to keep its type keeps its scaling: see Decisions/Structure.md.
    let keepsScaling = form.voxelType == .same && !type.isFloatingPoint
    header = try OutputHeader(from: input, voxelType: type, scaling: keepsScaling ? input.scaling : .identity)
    sink = PendingFileSink(file)
    writer = try ScanWriter(header: header, format: form.format, level: form.level, workers: workers, into: sink)
    self.file = file
  }

  /// Everything flushed, synced and closed.
  package func finish() throws(ScanFailure) -> Written {
    let voxels = try writer.finish()
    try sink.finish()
    return Written(sha256: sink.digest(), bytes: sink.count, voxels: voxels)
  }

  /// Reads the file back from the disk, decompresses it, and compares the digests of the file and of its voxels, and
  /// the header's bytes, with what was written.
  package func compareWithDisk(_ written: Written) throws {
    let source = StoredFileSource(
      try onDisk(.publish) { () throws(DurableFailure) in try file.openForReadBack() })
    let decoded = try DecodedSource(source)
    let head = try decoded.readBytes(atMost: header.bytes.count)
    let voxels = try digestOfRest(decoded)
    try decoded.finish()
    guard head == header.bytes, voxels == written.voxels, source.digest() == written.sha256 else {
      throw ScanFailure.readBackDiffers
    }
  }

  private func digestOfRest(_ decoded: DecodedSource) throws -> VoxelDigest {
    let buffer = try MappedMemory(count: 1 << 20)
    var hash = SHA256()
    var count = 0
    while true {
      let got = try decoded.read(into: buffer.bytes)
      if got == 0 { return VoxelDigest(sha256: hash.finalise(), bytes: count) }
      hash.update(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<got]))
      count += got
    }
  }

  package func publish(replacing: Bool) throws(DurableFailure) { try file.publish(replacing: replacing) }
}
