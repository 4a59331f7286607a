import Filtering
import Volumes

/// Into how many slabs a frame is cut that fits into memory as a whole, so that reading the next slab, filtering this one
/// and writing the one before go on beside each other, in memory that is used again.
///
/// Measured in Decisions/Pipeline.md. The frames of a series overlap by themselves.
struct Overlap {
  let slabs: Int

  /// - Parameter halo: slices of halo of the chain.
  init(_ facts: ScanFacts, _ grid: PlannedGrid, halo: Int, lanes: Int) {
    let frame = facts.shape.count.multipliedSaturating(by: grid.scalarBytes)
    // With one lane nothing goes on beside; a mask's weights would be computed for each slab of each frame.
    let isWorthwhile =
      lanes > 1 && !grid.chain.dependsOnPlace && grid.cost.multipliesPerVoxel <= Self.mostMultiplies
    slabs = isWorthwhile ? Self.slabs(facts, frame, halo) : 1
  }

  private static func slabs(_ facts: ScanFacts, _ bytes: Int, _ halo: Int) -> Int {
    let wanted = min(pieces / max(1, facts.frames), bytes / leastBytes, facts.shape.k)
    // Slices that are filtered twice, as a share of all: (n − 1) · 2 · halo / slices.
    let affordable = halo > 0 ? facts.shape.k / mostTwice / (2 * halo) + 1 : wanted
    return Slab.Cut(facts.shape, reach: halo, into: max(1, min(wanted, affordable))).count
  }

  /// Pieces of a scan that are under way one after the other. More of them would begin to write sooner, and filter more
  /// slices twice.
  private static let pieces = 4
  /// Of a slab: below that, sharing the work out costs more than the overlap gives.
  private static let leastBytes = 4 << 20
  /// At most one slice in three is filtered twice.
  private static let mostTwice = 3
  /// Filtering takes longer than reading then, and must not be done twice.
  private static let mostMultiplies = 200
}
