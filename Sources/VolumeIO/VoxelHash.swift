import ByteStreams
import Parallel

/// The digest of a scan's voxels, computed beside the thread that decompresses or compresses them.
///
/// Whoever hands over bytes keeps them unchanged until `wait()` has returned.
final class VoxelHash {
  private let lane: HashLane
  private var byteCount = 0

  init(workers: Workers) { lane = HashLane(workers: workers) }

  func add(_ bytes: UnsafeRawBufferPointer) {
    lane.add(bytes)
    byteCount += bytes.count
  }

  /// Returns when all bytes handed over are hashed but for the last pieces, `pieces` at most.
  func wait(leaving pieces: Int = 0) { lane.wait(leaving: pieces) }

  func finalise() -> VoxelDigest { VoxelDigest(sha256: lane.finalise(), bytes: byteCount) }
}
