import ByteStreams
import Filtering
import Parallel
import VolumeIO
import Volumes

/// The memory that a scan needs while it is worked on, from its header and the plan alone.
struct Footprint {
  /// Besides what the program holds anyway.
  let bytes: Int

  /// Code, the plan, the runtime's heap, the stacks of threads.
  static let base = 23 << 20

  /// - Parameters:
  ///   - cost: of the chain on as many slices as are filtered at a time.
  ///   - slices: what is filtered at a time.
  ///   - shared: slices that are kept for the next slab.
  init(
    _ facts: ScanFacts, _ grid: PlannedGrid, cost: ChainCost, slices: Int, shared: Int, output: OutputForm,
    workers: Workers
  ) {
    let read = facts.voxels.multipliedSaturating(by: facts.voxelType.bytes)
    let written = facts.voxels.multipliedSaturating(by: output.voxelType.resolved(for: facts.voxelType).bytes)
    let frame = facts.shape.slice.multipliedSaturating(by: grid.scalarBytes)
    let parts = [
      frame.multipliedSaturating(by: slices.addingSaturating(shared)), cost.scratchBytes, facts.decodingBytes,
      PartRing.memory(bytes: read, workers: workers), PartRing.memory(bytes: written, workers: workers),
      output.format.compression.writingBytes(written, level: output.level, workers: workers),
    ]
    bytes = parts.reduce(0) { $0.addingSaturating($1) }
  }
}
