import Kernels
import Volumes

/// Operations on frames that are ready; they may filter several frames at the same time.
///
/// Whatever does not depend on the frame is computed once: boundary tables, the weight of masks. It keeps the memory of
/// spare frames for the next one.
package final class PreparedChain<S: ComputeScalar>: Sendable {
  /// Of the frames that it takes.
  package let shape: Shape
  private let steps: [Step]

  private struct Step: Sendable {
    let operation: any FrameOperation<S>
    let runner: Runner<S>
  }

  /// - Parameters:
  ///   - segment: of the ways `slabs` or `frames`.
  ///   - slices: of each frame; all of them for the way `frames`.
  init(
    _ segment: Segment, slices: Range<Int>, _ companions: any Companions, _ chosen: ChosenValues, _ engine: Engine
  ) throws(EngineFailure) {
    shape = segment.input.shape.cut(to: slices.count) ?? segment.input.shape
    var steps: [Step] = []
    var current = slices
    for run in segment.runs {
      if run.shape != segment.input.shape { current = 0..<run.shape.k }
      let part = run.layout(slices: current.count)
      let lanes = run.operations.map { $0.cost(for: part, in: S.self, engine).laneBytes }.max() ?? 0
      let runner = Runner<S>(engine: engine, shape: part.shape, bytesPerLane: lanes)
      for (operation, layout) in zip(run.operations, run.layouts) {
        let place = OperationPlace(layout: layout, slices: current, companions: companions, chosen: chosen)
        guard case .frames(let ready) = try operation.prepare(for: S.self, at: place, engine) else {
          throw .wrongScope(filter: operation.filter)
        }
        steps.append(Step(operation: ready, runner: runner))
      }
    }
    self.steps = steps
  }

  /// Filters a frame. The frame's memory becomes the chain's: do not look at it afterwards.
  ///
  /// - Parameter number: of the frame in its series, from 0.
  package func apply(to frame: consuming Frame<S>, number: Int = 0) throws(EngineFailure) -> Frame<S> {
    guard frame.shape == shape else { throw .gridMismatch(expected: shape, found: frame.shape) }
    var current = frame
    for step in steps {
      current = try step.operation.apply(to: current, number: number, runner: step.runner)
    }
    return current
  }
}
