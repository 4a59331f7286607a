import ByteStreams
import Filtering
import Filters
import Volumes

/// A grid that scans of the job share, with the chain resolved for it.
package struct PlannedGrid: Sendable {
  package let key: GridKey
  package let chain: Chain
  package let filters: [PlannedFilter]
  /// Where outputs leave the chain: at its end, and where the job saves what stands there.
  package let points: [ChainPoint]
  /// Of a whole frame.
  package let cost: ChainCost
  /// Whether it is computed in Double: for the sake of the voxels, or of the chain.
  package let double: Bool

  package var scalarBytes: Int { double ? 8 : 4 }

  /// The chain as it goes through a scan, cut where outputs leave it.
  func segments(for facts: ScanFacts, in engine: Engine) throws(ScanFailure) -> [Segment] {
    chain.segments(try chain.layouts(from: Layout(facts)), cuts: Set(points.map(\.operations)), in: engine)
  }
}

/// A point of a chain where an output leaves it.
package struct ChainPoint: Sendable {
  /// How many operations its voxels have passed.
  package let operations: Int
  /// Of the numbers that these operations apply.
  package let digest: Digest
  /// What these operations were known by while they made other voxels.
  let former: [FormerChain]

  init(behind operations: Int, of chain: Chain) {
    self.operations = operations
    let passed = Chain(Array(chain.operations.prefix(operations)))
    digest = ChainDigest.of(passed)
    former = ChainDigest.former(of: passed)
  }

  /// How many of the segments its voxels have passed.
  func segments(of segments: [Segment]) -> Int {
    var passed = 0
    for (index, segment) in segments.enumerated() {
      passed += segment.operations.count
      if passed >= operations { return index + 1 }
    }
    return segments.count
  }
}

extension Layout {
  /// Of the frames that a scan holds.
  package init(_ facts: ScanFacts) {
    self.init(
      shape: facts.shape, frames: facts.frames, spacing: facts.spacing, affine: facts.affine,
      timeStep: facts.timeStep, dimensions: facts.dimensions)
  }
}

/// One filter of the chain on one grid.
package struct PlannedFilter: Sendable {
  package let name: String
  /// `k1`, `k2`, … through the whole plan; filters of single voxels have no kernel.
  package let kernelID: String?
  /// What its operation sees; nil for a filter without one.
  package let scope: Scope?
  package let record: KernelRecord?
  package let findings: [Finding]
}

/// What a chain depends on: scans with the same key are filtered alike.
package struct GridKey: Hashable, Sendable {
  package let shape: Shape
  package let spacing: Spacing
  /// How many spatial axes the file has.
  package let dimensions: Int
  /// Whether Float would lose voxels.
  package let double: Bool
  /// Only for jobs with masks, whose place matters.
  package let affine: Affine?

  package init(_ facts: ScanFacts, withAffine: Bool, double: Bool = false) {
    shape = facts.shape
    spacing = facts.spacing
    dimensions = facts.dimensions
    self.double = double || facts.voxelType.needsDouble
    affine = withAffine ? facts.affine : nil
  }

  /// What operations see of it.
  package var layout: Layout { Layout(shape: shape, spacing: spacing, affine: affine, dimensions: dimensions) }
}
