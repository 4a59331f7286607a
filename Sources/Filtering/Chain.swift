import Kernels
import Volumes

/// What is done to every frame of a scan, in order. Everything in it is resolved: voxels, not mm; weights, not names.
package struct Chain: Sendable {
  package var operations: [any Operation]

  package init(_ operations: [any Operation]) { self.operations = operations }

  /// The layout of the frames before each operation, and behind the last.
  ///
  /// - Throws: what an operation says of frames that it cannot work on.
  package func layouts(from layout: Layout) throws(ScanFailure) -> [Layout] {
    var layouts = [layout]
    for operation in operations { layouts.append(try operation.output(for: layouts[layouts.count - 1])) }
    return layouts
  }

  /// Whether what an operation does to a voxel depends on where the voxel lies: inside a mask or not.
  package var dependsOnPlace: Bool { operations.contains { $0.residentBytes > 0 || !$0.companions.isEmpty } }

  /// Whether the chain has to be computed in Double, whatever the type of the scan.
  package func needsDouble(in engine: Engine) -> Bool {
    var gain = 1.0
    return operations.contains { operation in
      let numbers = operation.numbers(in: engine)
      // A voxel of size 1 may leave the range that fits by several operations together.
      gain *= numbers.gain
      return numbers.needsDouble || !numbers.fitsFloat || !FloatRange.holds(gain: gain)
    }
  }

  /// The axes along which an operation sees beyond a voxel.
  package func neighbourAxes(in engine: Engine) -> Set<Axis> {
    operations.reduce(into: []) { axes, operation in
      if case .neighbourhood(let halo) = operation.scope(in: engine) { axes.formUnion(halo.axes) }
    }
  }
}

/// What filtering one frame costs, from the operations and the shape alone: nothing is allocated to find it out.
package struct ChainCost: Sendable, Hashable {
  /// 1-D passes and dense filterings.
  package var passes = 0
  /// Fused multiply-adds per voxel.
  package var multipliesPerVoxel = 0
  /// The most memory that is in use at one time besides the frame itself: spare frames, weights of masks, and the
  /// working memory of all lanes. `Int.max` when there cannot be so much.
  package var scratchBytes = 0
}

extension Engine {
  /// The cost of operations that run one after the other on frames of one shape, or on slabs of them.
  package func cost<S: ComputeScalar>(
    of operations: [any Operation], layout: Layout, scalar: S.Type
  ) -> ChainCost {
    var sum = ChainCost()
    var memory = OperationCost()
    for operation in operations {
      let cost = operation.cost(for: layout, in: S.self, self)
      sum.passes += cost.passes
      sum.multipliesPerVoxel = sum.multipliesPerVoxel.addingSaturating(cost.multipliesPerVoxel)
      memory.lastingFrames += cost.lastingFrames
      memory.lastingBytes = memory.lastingBytes.addingSaturating(cost.lastingBytes)
      // The memory that one operation needs while it runs serves the next.
      memory.frames = max(memory.frames, cost.frames)
      memory.betweens = max(memory.betweens, cost.betweens)
      memory.laneBytes = max(memory.laneBytes, cost.laneBytes)
    }
    let shape = layout.shape
    sum.scratchBytes = shape.count.multipliedSaturating(by: memory.lastingFrames + memory.frames)
      .multipliedSaturating(by: MemoryLayout<S>.stride)
      .addingSaturating(SpacedSlices.bytes(shape: shape, scalar: S.self).multipliedSaturating(by: memory.betweens))
      .addingSaturating(memory.laneBytes.multipliedSaturating(by: workers.count))
      .addingSaturating(memory.lastingBytes)
    return sum
  }
}
