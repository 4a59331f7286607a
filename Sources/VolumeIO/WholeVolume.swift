import Parallel
import Volumes

/// A small scan read whole, in Float: a mask, or a kernel's weights.
package struct WholeVolume {
  package let header: ScanHeader
  /// The first frame.
  package let frame: Frame<Float>

  /// Reads a file that the job names, to its last byte.
  ///
  /// - Throws: what reading a scan throws; `E_LIMIT_MEM` when a frame does not fit.
  package static func read(_ path: String) throws(ScanFailure) -> WholeVolume {
    let reader = try ScanReader(path, in: .anywhere)
    do {
      return WholeVolume(header: reader.header, frame: try firstFrame(of: reader))
    } catch let failure as ScanFailure {
      throw failure
    } catch {
      throw ScanFailure(
        .memoryLimit, .read, "memory", expected: "\(reader.header.frameBytes) bytes for a frame", found: "none")
    }
  }

  private static func firstFrame(of reader: ScanReader) throws -> Frame<Float> {
    let header = reader.header
    let raw = try MappedMemory(count: header.frameBytes)
    let frame = try Frame<Float>(shape: header.shape)
    try reader.readFrame(into: raw.bytes)
    _ = VoxelConversion.decode(
      UnsafeRawBufferPointer(raw.bytes), type: header.voxelType, byteOrder: header.byteOrder, scaling: header.scaling,
      into: frame, workers: Workers(count: 1))
    for _ in 1..<header.frames { try reader.readFrame(into: raw.bytes) }
    _ = try reader.finish()
    return frame
  }
}
