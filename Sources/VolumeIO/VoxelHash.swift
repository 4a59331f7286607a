import ByteStreams
import Dispatch
import Parallel

/// The digest of a scan's voxels, computed beside the thread that decompresses or compresses them.
///
/// Whoever hands over bytes keeps them unchanged until `wait()` has returned.
final class VoxelHash: @unchecked Sendable {
  // @unchecked Sendable because the state is only touched on the serial queue, or when the queue is known to be empty.

  private var hash = SHA256()
  private var byteCount = 0
  /// `nil` when there is but one thread to use: then bytes are hashed where they are handed over.
  private let queue: DispatchQueue?

  init(workers: Workers) {
    queue = workers.count > 1 ? DispatchQueue(label: "medfilter.voxel-hash") : nil
  }

  func add(_ bytes: UnsafeRawBufferPointer) {
    guard let queue else { return update(bytes) }
    // Unsafe to send in general; here the caller waits before the memory is used otherwise.
    nonisolated(unsafe) let kept = bytes
    queue.async { self.update(kept) }
  }

  /// Returns when all bytes handed over are hashed.
  func wait() { queue?.sync {} }

  func finalise() -> VoxelDigest {
    wait()
    return VoxelDigest(sha256: hash.finalise(), bytes: byteCount)
  }

  private func update(_ bytes: UnsafeRawBufferPointer) {
    hash.update(bytes)
    byteCount += bytes.count
  }
}
