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

  init(facts: ScanFacts, grid: PlannedGrid, output: OutputSpec, threads: Int) {
    let voxels = facts.shape.count
    let stored = output.voxelType.resolved(for: facts.voxelType).bytes
    let workers = Workers(count: threads)
    let codec = output.format == .nii ? 0 : GzipSink.scratchBytes(workers: workers)
    // The raw frame as read, the raw frame as written, the frame itself; the chain's own share comes from its cost.
    bytes =
      voxels * (facts.voxelType.bytes + stored + grid.key.scalarBytes) + grid.cost.scratchBytes + codec + Footprint.base
  }
}
