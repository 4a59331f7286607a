import CHotLoops
import Synchronization
import Volumes

/// Facts about the voxels of a frame.
package struct VoxelStatistics: Sendable, Hashable {
  /// NaN and infinite voxels.
  package let nonFinite: Int

  /// Reads the frame once, with all lanes.
  package init<S: ComputeScalar>(of frame: Frame<S>, engine: Engine) throws(EngineFailure) {
    let runner = Runner<S>(engine: engine, shape: frame.shape, bytesPerLane: 0)
    let count = Atomic<Int>(0)
    try runner.forEachRun(of: frame.shape) { run in
      let found = runner.loops.call.count_non_finite(frame.base + run.lowerBound, run.count)
      count.wrappingAdd(found, ordering: .relaxed)
    }
    nonFinite = count.load(ordering: .relaxed)
  }
}
