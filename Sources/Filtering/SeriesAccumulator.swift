import Parallel
import Volumes

/// A statistic along t that sees frame after frame and keeps none; the bits are those of `LineReduction`.
///
/// Memory: 24 bytes per voxel of a frame.
package final class SeriesAccumulator<S: ComputeScalar> {
  package let shape: Shape
  private let reduction: LineReduction
  private let engine: Engine
  private let states: States
  private var frames = 0

  /// `nil` for a statistic that needs all values at once.
  package init?(_ reduction: LineReduction, shape: Shape, on engine: Engine) throws(EngineFailure) {
    guard reduction.statistic.accumulates else { return nil }
    self.reduction = reduction
    self.shape = shape
    self.engine = engine
    states = try States(count: shape.count)
  }

  /// Frames come in the order of time. A frame that was cut off by `cancelled` leaves nothing that can be used.
  ///
  /// - Throws: `gridMismatch` when the frame is on another grid.
  #if compiler(>=6.3)
    // Else every voxel would ask at run time how large a scalar is.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func add(_ frame: Frame<S>) throws(EngineFailure) {
    guard frame.shape == shape else { throw .gridMismatch(expected: shape, found: frame.shape) }
    let (states, reduction, index) = (states, reduction, frames)
    try forEachRun { run in
      for voxel in run {
        let value = Double(frame.voxels[voxel])
        guard !reduction.absentNonFinite || value.isFinite else { continue }
        states.voxels[voxel].add(value, at: index, reduction.statistic)
      }
    }
    frames += 1
  }

  /// The statistic of the frames so far.
  #if compiler(>=6.3)
    // Else every voxel would ask at run time how large a scalar is.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func result() throws(EngineFailure) -> Frame<S> {
    let result: Frame<S>
    do { result = try Frame<S>(shape: shape) } catch { throw .outOfMemory(bytes: error.bytes) }
    let (states, statistic) = (states, reduction.statistic)
    try forEachRun { run in
      for voxel in run { result.voxels[voxel] = S(states.voxels[voxel].result(statistic)) }
    }
    return result
  }

  private func forEachRun(_ body: @Sendable (Range<Int>) -> Void) throws(EngineFailure) {
    let (length, count) = (32 * 1024, shape.count)
    try engine.forEachPiece(of: (count + length - 1) / length) { _, piece in
      body(piece * length..<min((piece + 1) * length, count))
    }
  }
}

private final class States: @unchecked Sendable {
  // @unchecked Sendable because lanes write disjoint voxels and are joined before anyone else reads.
  let voxels: UnsafeMutableBufferPointer<RunningStatistic>
  private let memory: MappedMemory

  init(count: Int) throws(EngineFailure) {
    let bytes = count.multipliedSaturating(by: MemoryLayout<RunningStatistic>.stride)
    do { memory = try MappedMemory(count: bytes) } catch { throw .outOfMemory(bytes: error.bytes) }
    voxels = memory.bytes.bindMemory(to: RunningStatistic.self)
  }
}
