import Parallel
import Volumes

/// A small scan read whole: a mask in Float, a kernel's weights in Double, where none is rounded.
package struct WholeVolume<Scalar: ComputeScalar> {
  package let header: ScanHeader
  /// The first frame.
  package let frame: Frame<Scalar>
  /// What decoding that frame has seen.
  package let counts: DecodeCounts

  /// Reads to the scan's last byte.
  ///
  /// - Parameters:
  ///   - reader: nothing but its header has been read.
  ///   - isStopped: asked for every megabyte, because a disk may be slow. Once it is true, whatever is thrown means
  ///     nothing.
  /// - Throws: what reading a scan throws; `E_LIMIT_MEM` when a frame does not fit.
  package init(_ reader: ScanReader, isStopped: () -> Bool = { false }) throws(ScanFailure) {
    header = reader.header
    let (raw, frame) = try Self.memory(for: header)
    self.frame = frame
    try Self.readFrame(of: reader, into: raw.bytes, isStopped)
    counts = VoxelConversion.decode(
      UnsafeRawBufferPointer(raw.bytes), type: header.voxelType, byteOrder: header.byteOrder, scaling: header.scaling,
      into: frame, workers: Workers(count: 1))
    for _ in 1..<header.frames { try Self.readFrame(of: reader, into: raw.bytes, isStopped) }
    _ = try reader.finish()
  }

  private static func readFrame(
    of reader: ScanReader, into raw: UnsafeMutableRawBufferPointer, _ isStopped: () -> Bool
  ) throws(ScanFailure) {
    let piece = 1 << 20
    for start in stride(from: 0, to: raw.count, by: piece) {
      guard !isStopped() else {
        throw ScanFailure(.readError, .read, "voxels", expected: "to be read", found: "a request to stop")
      }
      let end = min(start + piece, raw.count)
      try reader.readVoxels(into: UnsafeMutableRawBufferPointer(rebasing: raw[start..<end]), leaving: 0)
    }
  }

  private static func memory(
    for header: ScanHeader
  ) throws(ScanFailure) -> (raw: MappedMemory, frame: Frame<Scalar>) {
    do throws(OutOfMemory) {
      return (try MappedMemory(count: header.frameBytes), try Frame<Scalar>(shape: header.shape))
    } catch {
      throw ScanFailure(.memoryLimit, .read, "memory", expected: "\(error.bytes) bytes", found: "none")
    }
  }
}
