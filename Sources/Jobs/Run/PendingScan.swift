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
    /// Of the file's bytes.
    let checksum: Checksum
    let voxels: VoxelDigest
  }

  /// What lies on the disk.
  package struct Stored: Sendable {
    let sha256: Digest
    let bytes: Int
    let voxels: VoxelDigest
  }

  /// - Parameter file: has the place that the scan will be published at.
  package init(_ file: PendingFile, of input: ScanHeader, as form: OutputForm, workers: Workers) throws(ScanFailure) {
    header = try OutputHeader(of: input, as: form)
    sink = PendingFileSink(file)
    writer = try ScanWriter(header: header, format: form.format, level: form.level, workers: workers, into: sink)
    self.file = file
    self.workers = workers
  }

  /// Everything flushed, synced and closed.
  package func finish() throws(ScanFailure) -> Written {
    let voxels = try writer.finish()
    // Waiting for a disk takes no processor.
    try workers.waiting { () throws(ScanFailure) in try sink.finish() }
    return Written(checksum: sink.checksum, voxels: voxels)
  }

  /// Reads the file back from the disk, decompresses it, and compares what it finds with what was written: every byte of
  /// the file by its checksum, the header by its bytes, the voxels by their digest.
  package func compareWithDisk(_ written: Written) throws -> Stored {
    let source = StoredFileSource(
      try onDisk(.publish) { () throws(DurableFailure) in try file.openForReadBack() }, workers: workers)
    let decoded = try DecodedSource(source, workers: workers)
    let head = try decoded.readBytes(atMost: header.bytes.count)
    let voxels = try digestOfRest(decoded)
    try decoded.finish()
    guard head == header.bytes, voxels == written.voxels, source.checksum == written.checksum, decoded.findings.isEmpty
    else { throw ScanFailure.readBackDiffers }
    return Stored(sha256: source.digest(), bytes: source.checksum.count, voxels: voxels)
  }

  private func digestOfRest(_ decoded: DecodedSource) throws -> VoxelDigest {
    // What is hashed beside the reading stays as it is until its place is needed again, in the next round.
    let pieces = min(Self.pieces(workers), (header.voxelBytes - 1) / Self.piece + 1)
    let memory = try MappedMemory(count: pieces * Self.piece)
    let hash = HashLane(workers: workers)
    var count = 0
    while true {
      for start in stride(from: 0, to: memory.bytes.count, by: Self.piece) {
        hash.wait(leaving: pieces - 1)
        let target = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[start..<start + Self.piece])
        let got = try decoded.readFully(into: target)
        if got == 0 { return VoxelDigest(sha256: hash.finalise(), bytes: count) }
        hash.add(UnsafeRawBufferPointer(rebasing: target[..<got]))
        count += got
      }
      decoded.settle()
    }
  }

  /// The memory that comparing so many bytes takes besides the decoder's, for whoever admits scans.
  static func comparingBytes(_ bytes: Int, workers: Workers) -> Int { min(bytes, pieces(workers) * piece) }

  private static func pieces(_ workers: Workers) -> Int { workers.count > 1 ? 8 : 1 }

  private static let piece = 1 << 20
}

extension OutputHeader {
  /// The header of a scan's output.
  init(of input: ScanHeader, as form: OutputForm) throws(ScanFailure) {
    let type = form.voxelType.resolved(for: input.voxelType)
    // Only an integer scan that is asked to keep its type keeps its scaling: see Decisions/Structure.md.
    let keepsScaling = form.voxelType == .same && !type.isFloatingPoint
    try self.init(
      from: input, voxelType: type, scaling: keepsScaling ? input.scaling : .identity, retention: form.retention)
  }
}
