import ByteStreams
import Filtering
import Filters
import Volumes

/// A grid that scans of the job share, with the chain resolved for it.
package struct PlannedGrid: Sendable {
  package let key: GridKey
  package let chain: Chain
  package let filters: [PlannedFilter]
  /// Of the numbers that the chain applies.
  package let digest: Digest
  /// What the chain was known by while it made other voxels.
  let former: [FormerChain]
  package let cost: ChainCost
  /// Whether it is computed in Double: for the sake of the voxels, or of the chain.
  package let double: Bool

  package var scalarBytes: Int { double ? 8 : 4 }
}

/// One filter of the chain on one grid.
package struct PlannedFilter: Sendable {
  package let name: String
  /// `k1`, `k2`, … through the whole plan; filters of single voxels have no kernel.
  package let kernelID: String?
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

  package init(_ facts: ScanFacts, withAffine: Bool) {
    shape = facts.shape
    spacing = facts.spacing
    dimensions = facts.dimensions
    double = facts.voxelType.needsDouble
    affine = withAffine ? facts.affine : nil
  }
}
