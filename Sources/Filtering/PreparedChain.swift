import Kernels
import Volumes

/// A chain that is ready for frames of one shape; it may filter several frames at the same time.
///
/// Whatever does not depend on the frame is computed once: boundary tables, the weight of masks. It keeps the memory of
/// spare frames for the next one.
package final class PreparedChain<S: ComputeScalar>: Sendable {
  package let shape: Shape
  private let steps: [PreparedStep<S>]
  private let runner: Runner<S>

  init(_ chain: Chain, shape: Shape, absentNonFinite: Bool, engine: Engine) throws(EngineFailure) {
    self.shape = shape
    let tiling = engine.tiling
    var memory = StepMemory()
    var steps: [PreparedStep<S>] = []
    for step in chain.steps {
      switch step {
      case .linear(let linear):
        let filter = try NormalisedFilter<S>(linear, shape: shape, absentNonFinite: absentNonFinite, tiling: tiling)
        steps.append(.linear(filter))
        memory.add(linear.kernel.memory(shape: shape, scalar: S.self, tiling: tiling))
      case .pointwise(let pointwise):
        try pointwise.check(fits: shape)
        steps.append(.pointwise(pointwise))
      }
    }
    self.steps = steps
    runner = Runner(engine: engine, shape: shape, bytesPerLane: memory.laneBytes)
  }

  /// Filters a frame. The frame's memory becomes the chain's: do not look at it afterwards.
  #if compiler(>=6.3)
    // Else every line's way to the hot loops would ask at run time how large a scalar is: a tenth of a frame's time.
    @specialized(where S == Float)
    @specialized(where S == Double)
  #endif
  package func apply(to frame: consuming Frame<S>) throws(EngineFailure) -> Frame<S> {
    guard frame.shape == shape else { throw .gridMismatch(expected: shape, found: frame.shape) }
    var current = frame
    for step in steps {
      switch step {
      case .linear(let filter): current = try filter.apply(to: current, runner: runner)
      case .pointwise(let pointwise): try pointwise.apply(to: current, runner: runner)
      }
    }
    return current
  }
}

private enum PreparedStep<S: ComputeScalar>: Sendable {
  case linear(NormalisedFilter<S>)
  case pointwise(PointwiseStep)
}
