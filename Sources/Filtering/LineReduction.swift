import Parallel
import Volumes

/// Reduces an axis to one value by a statistic: along i, j or k of a frame, or along t of a series.
package struct LineReduction: Sendable {
  package let statistic: LineStatistic
  /// NaN and infinite values are left out.
  package let absentNonFinite: Bool

  package init(_ statistic: LineStatistic, absentNonFinite: Bool) {
    self.statistic = statistic
    self.absentNonFinite = absentNonFinite
  }

  /// A frame whose length along `axis` is 1. Working memory: 8 bytes per voxel of a line and lane.
  #if compiler(>=6.3)
    // Else every voxel would ask at run time how large a scalar is.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func reduce<S: ComputeScalar>(
    _ frame: Frame<S>, along axis: Axis, on engine: Engine
  ) throws(EngineFailure) -> Frame<S> {
    var lengths = frame.shape.lengths
    lengths[axis] = 1
    // A part of a shape that fits is never empty and never too large.
    guard let shape = Shape(i: lengths.i, j: lengths.j, k: lengths.k) else {
      throw .gridMismatch(expected: frame.shape, found: frame.shape)
    }
    let result: Frame<S>
    do { result = try Frame<S>(shape: shape) } catch { throw .outOfMemory(bytes: error.bytes) }
    let strides = PerAxis(1, frame.shape.i, frame.shape.slice)
    try forEachLine(of: shape.count, length: frame.shape[axis], on: engine) { voxel, values in
      let (i, j, k) = (voxel % shape.i, voxel / shape.i % shape.j, voxel / shape.slice)
      let start = i + j * strides.j + k * strides.k
      for place in values.values.indices { values.values[place] = Double(frame.voxels[start + place * strides[axis]]) }
      result.voxels[voxel] = S(values.result(statistic))
    }
    return result
  }

  /// One value for each voxel of a tile of a series.
  ///
  /// - Parameters:
  ///   - rows: one for each frame, `count` voxels in each; they may lie anywhere.
  ///   - result: room for `count` voxels, none of them in `rows`.
  #if compiler(>=6.3)
    // Else every voxel would ask at run time how large a scalar is.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func reduce<S: ComputeScalar>(
    rows: [UnsafePointer<S>], count: Int, into result: UnsafeMutablePointer<S>, on engine: Engine
  ) throws(EngineFailure) {
    guard !rows.isEmpty, count > 0 else { return }
    let tile = Tile(rows: rows, result: result)
    try forEachLine(of: count, length: rows.count, on: engine) { voxel, values in
      for (place, row) in tile.rows.enumerated() { values.values[place] = Double(row[voxel]) }
      tile.result[voxel] = S(values.result(statistic))
    }
  }

  private struct Tile<S: ComputeScalar>: @unchecked Sendable {
    // @unchecked Sendable because lanes only read rows, and each writes voxels of its own.
    let rows: [UnsafePointer<S>]
    let result: UnsafeMutablePointer<S>
  }

  /// Some hundred neighbours at a time, so that a cache line of a row serves all voxels in it.
  private func forEachLine(
    of count: Int, length: Int, on engine: Engine, _ body: @Sendable (_ voxel: Int, _ values: LineValues) -> Void
  ) throws(EngineFailure) {
    var size = ScratchSize()
    size.add(length, of: Double.self)
    let scratch: LaneScratch
    do { scratch = try LaneScratch(bytesPerLane: size.bytes, lanes: engine.workers.count) } catch {
      throw .outOfMemory(bytes: error.bytes)
    }
    let voxels = 256
    try engine.forEachPiece(of: (count + voxels - 1) / voxels) { lane, piece in
      var block = scratch.block(of: lane)
      let values = LineValues(values: block.take(length, of: Double.self), absentNonFinite: absentNonFinite)
      for voxel in piece * voxels..<min((piece + 1) * voxels, count) { body(voxel, values) }
    }
  }
}
