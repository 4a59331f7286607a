import Filtering
import Parallel
import Volumes

/// The memory that was found for a scan: for whole frames, or for as many slices at a time as fit.
package struct ScanRoom: Sendable {
  /// Bytes of the whole process while it works on this scan alone.
  package let memory: Int
  /// Slices of each slab that are kept; `nil` when whole frames are filtered.
  package let slabSlices: Int?

  /// Bytes that the scan adds to what the program holds anyway.
  var own: Int { memory - Footprint.base }

  func slabs(of grid: PlannedGrid) -> [Slab] {
    guard let slabSlices, let reach = grid.chain.reachAlongK(in: grid.key.shape) else {
      return Slab.whole(grid.key.shape)
    }
    return Slab.cut(grid.key.shape, reach: reach, keeping: slabSlices)
  }
}

/// Finds memory for scans before any is worked on.
struct RoomFinder {
  let budget: Int
  let output: OutputForm
  let engine: Engine
  /// As for `Engine.apply`; it makes the whole frame matter to every voxel, so that there are no slabs.
  let absentNonFinite: Bool

  /// - Throws: `E_LIMIT_MEM` with both numbers when neither a frame nor slabs of it fit.
  func room(for facts: ScanFacts, on grid: PlannedGrid) throws(ScanFailure) -> ScanRoom {
    let shape = grid.key.shape
    let whole = need(facts, grid, cost: grid.cost, slices: shape.k, shared: 0)
    if whole <= budget { return ScanRoom(memory: whole, slabSlices: nil) }
    guard !absentNonFinite, let reach = grid.chain.reachAlongK(in: shape) else {
      throw .beyondMemory(needs: whole, budget: budget)
    }
    // Thinner slabs would filter the same slices again and again.
    let thinnest = max(1, reach / 2)
    let least = need(facts, grid, keeping: thinnest, reach: reach)
    guard thinnest < shape.k, least <= budget else { throw .beyondMemory(needs: min(least, whole), budget: budget) }
    let slices = thickest(from: thinnest, below: shape.k) { need(facts, grid, keeping: $0, reach: reach) <= budget }
    return ScanRoom(memory: need(facts, grid, keeping: slices, reach: reach), slabSlices: slices)
  }

  /// The largest number that fits, when the least does and each fits if a larger one does.
  private func thickest(from least: Int, below end: Int, _ fits: (Int) -> Bool) -> Int {
    var (fitting, beyond) = (least, end)
    while beyond - fitting > 1 {
      let middle = fitting + (beyond - fitting) / 2
      if fits(middle) { fitting = middle } else { beyond = middle }
    }
    return fitting
  }

  private func need(_ facts: ScanFacts, _ grid: PlannedGrid, keeping slices: Int, reach: Int) -> Int {
    let shape = grid.key.shape
    let around = reach.multipliedSaturating(by: 2)
    let source = min(shape.k, slices.addingSaturating(around))
    let shared = min(shape.k, around)
    guard let slab = shape.cut(to: source) else { return .max }
    // Masks are cut as the frames are.
    return need(facts, grid, cost: cost(of: grid, slab), slices: source, shared: shared)
      .addingSaturating(grid.chain.maskBytes)
  }

  private func cost(of grid: PlannedGrid, _ shape: Shape) -> ChainCost {
    grid.double
      ? engine.cost(of: grid.chain, shape: shape, scalar: Double.self, absentNonFinite: absentNonFinite)
      : engine.cost(of: grid.chain, shape: shape, scalar: Float.self, absentNonFinite: absentNonFinite)
  }

  private func need(_ facts: ScanFacts, _ grid: PlannedGrid, cost: ChainCost, slices: Int, shared: Int) -> Int {
    Footprint(facts, grid, cost: cost, slices: slices, shared: shared, output: output, workers: engine.workers).bytes
      .addingSaturating(Footprint.base).addingSaturating(grid.chain.maskBytes)
  }
}

extension ScanFailure {
  fileprivate static func beyondMemory(needs: Int, budget: Int) -> ScanFailure {
    ScanFailure(
      .memoryLimit, .plan, "memory", expected: "at most \(budget) bytes", found: "a need of \(needs) bytes",
      advice: "raise resources.memory_mb or --memory, or run where there is more")
  }
}
