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
  /// - Parameter reader: nothing but its header has been read.
  /// - Throws: what reading a scan throws; `E_LIMIT_MEM` when a frame does not fit.
  package init(_ reader: ScanReader) throws(ScanFailure) {
    header = reader.header
    let (raw, frame) = try Self.memory(for: header)
    self.frame = frame
    try reader.readFrame(into: raw.bytes)
    counts = VoxelConversion.decode(
      UnsafeRawBufferPointer(raw.bytes), type: header.voxelType, byteOrder: header.byteOrder, scaling: header.scaling,
      into: frame, workers: Workers(count: 1))
    for _ in 1..<header.frames { try reader.readFrame(into: raw.bytes) }
    _ = try reader.finish()
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
