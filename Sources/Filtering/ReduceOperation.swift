import Volumes

/// A statistic along an axis of the grid, or along time.
package struct ReduceOperation: Operation {
  package enum Along: Hashable, Sendable {
    case axis(Axis)
    case time
  }

  package let filter: String
  package let along: Along
  package let statistic: LineStatistic

  package init(filter: String, along: Along, statistic: LineStatistic) {
    (self.filter, self.along, self.statistic) = (filter, along, statistic)
  }

  /// Along an axis of the grid one voxel is left, over the whole extent; along time one frame, without a time step.
  package func output(for layout: Layout) throws(ScanFailure) -> Layout {
    switch along {
    case .time:
      var reduced = layout
      reduced.frames = 1
      return reduced
    case .axis(let axis):
      let change = GridPlan.reduced(layout.shape, frames: layout.frames, spacing: layout.spacing, along: axis)
      return change.map { layout.changed(by: $0) } ?? layout
    }
  }

  package func scope(in engine: Engine) -> Scope {
    switch along {
    case .axis: .frame
    case .time: statistic.accumulates ? .frameAfterFrame : .series
    }
  }

  package var companions: [Companion] { [] }

  package var residentBytes: Int { 0 }

  /// Sums are in Double, whatever the voxels are in.
  package func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds() }

  package func describe(in recipe: inout RecipeDigest) {
    recipe.add("reduce \(along.name)")
    recipe.add(statistic.name, [statistic.percent])
  }

  package func cost<S: ComputeScalar>(for layout: Layout, in scalar: S.Type, _ engine: Engine) -> OperationCost {
    var (cost, size) = (OperationCost(), ScratchSize())
    cost.multipliesPerVoxel = 1
    switch along {
    case .axis(let axis):
      size.add(layout.shape[axis], of: Double.self)
      cost.laneBytes = size.bytes
    case .time where statistic.accumulates:
      cost.lastingFrames = 1
      cost.lastingBytes = layout.shape.count.multipliedSaturating(by: 24)
    case .time:
      size.add(layout.frames, of: Double.self)
      cost.laneBytes = size.bytes
    }
    return cost
  }

  package func prepare<S: ComputeScalar>(
    for scalar: S.Type, at place: OperationPlace, _ engine: Engine
  ) throws(EngineFailure) -> PreparedOperation<S> {
    let reduction = LineReduction(statistic, absentNonFinite: engine.absentNonFinite)
    guard case .axis(let axis) = along else {
      let accumulator = try SeriesAccumulator<S>(reduction, shape: place.layout.shape, on: engine)
      return accumulator.map { .accumulation(TimeAccumulation(accumulator: $0)) }
        ?? .series(TimeReduction(reduction: reduction))
    }
    return .frames(AxisReduction(reduction: reduction, axis: axis))
  }
}

extension ReduceOperation.Along {
  fileprivate var name: String {
    switch self {
    case .axis(let axis): axis.name
    case .time: "t"
    }
  }
}

private struct AxisReduction<S: ComputeScalar>: FrameOperation {
  let reduction: LineReduction
  let axis: Axis

  func apply(to frame: Frame<S>, number: Int, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    try reduction.reduce(frame, along: axis, on: runner.engine)
  }
}

private final class TimeAccumulation<S: ComputeScalar>: Accumulation, @unchecked Sendable {
  // @unchecked Sendable because an accumulation belongs to one thread at a time.
  private let accumulator: SeriesAccumulator<S>

  init(accumulator: SeriesAccumulator<S>) { self.accumulator = accumulator }

  func add(_ frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) { try accumulator.add(frame) }

  func finish(runner: Runner<S>) throws(EngineFailure) -> [Frame<S>] { [try accumulator.result()] }
}

private struct TimeReduction<S: ComputeScalar>: SeriesOperation {
  let reduction: LineReduction

  var outputFrames: Int { 1 }

  #if compiler(>=6.3)
    // Else every voxel would ask at run time how large a scalar is.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func apply(
    to rows: UnsafeMutableBufferPointer<UnsafeMutablePointer<S>>, count: Int, scratch: inout ScratchBlock
  ) {
    let values = LineValues(
      values: scratch.take(rows.count, of: Double.self), absentNonFinite: reduction.absentNonFinite)
    guard let result = rows.first else { return }
    for voxel in 0..<count {
      for (place, row) in rows.enumerated() { values.values[place] = Double(row[voxel]) }
      result[voxel] = S(values.result(reduction.statistic))
    }
  }
}
