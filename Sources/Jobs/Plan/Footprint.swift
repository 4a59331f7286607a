import ByteStreams
import Filtering
import Parallel
import VolumeIO
import Volumes

/// The memory that a scan needs while it is worked on, from its header and the plan alone.
struct Footprint {
  let bytes: Int

  /// What the program holds anyway: code, the plan, the runtime's heap, the decompressors' windows.
  private static let base = 48 << 20

  init(facts: ScanFacts, grid: PlannedGrid, output: OutputForm, threads: Int) {
    let stored = output.voxelType.resolved(for: facts.voxelType).bytes
    let workers = Workers(count: threads)
    // The raw frames as read and as written; the frame itself; the chain's own share comes from its cost.
    let perVoxel =
      [facts.voxelType.bytes, stored].reduce(grid.scalarBytes) { sum, width in
        let bytes = facts.shape.count.multipliedSaturating(by: width)
        return sum + width * FrameBuffers.count(frames: facts.frames, bytes: bytes, workers: workers)
      }
    // The output is read back when it has been written, but nothing is given away before that.
    let codec =
      output.format.compression.scratchBytes(level: output.level, workers: workers)
      + 2 * DecodedSource.scratchBytes(workers: workers) + PendingScan.scratchBytes(workers: workers)
    // In Double: a header may claim so much that no Int holds the sum.
    let sum = Double(facts.shape.count) * Double(perVoxel) + Double(grid.cost.scratchBytes) + Double(codec + Self.base)
    bytes = sum < 9e18 ? Int(sum) : .max
  }
}
