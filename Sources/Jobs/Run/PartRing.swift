import Parallel
import Volumes

/// Memory for the parts of a stream of voxels that are under way: read and not decoded yet, or encoded and not written
/// yet. Parts know nothing of frames: one may hold several small ones, or a few lines of a large one.
struct PartRing {
  private let buffers: [MappedMemory]

  /// - Parameter bytes: of the whole stream.
  init(bytes: Int, workers: Workers) throws(OutOfMemory) {
    var buffers: [MappedMemory] = []
    for _ in 0..<Self.count(bytes: bytes, workers: workers) {
      buffers.append(try MappedMemory(count: min(bytes, Self.part)))
    }
    self.buffers = buffers
  }

  var count: Int { buffers.count }

  /// The room of a part, by its number from 0; the next `count - 1` parts have others.
  subscript(part: Int) -> UnsafeMutableRawBufferPointer { buffers[part % buffers.count].bytes }

  /// The memory that a ring takes, for whoever admits scans.
  static func memory(bytes: Int, workers: Workers) -> Int {
    count(bytes: bytes, workers: workers) * min(bytes, part)
  }

  /// Still in the cache when it is converted, and long enough that handing it over costs nothing. A whole number of
  /// voxels of any type.
  static let part = 1 << 20

  /// With one lane nothing goes on beside. With more, enough that neither side waits while the other works in bursts:
  /// compressing goes in bursts of two parts per lane.
  private static func count(bytes: Int, workers: Workers) -> Int {
    let wanted = workers.count > 1 ? min(max(8, 2 * workers.count), 32) : 1
    return min(wanted, (bytes - 1) / part + 1)
  }
}
