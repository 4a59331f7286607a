import Filtering
import Parallel
import Volumes

/// The memory that was found for a scan, and the slabs that its frames are filtered in.
package struct ScanRoom: Sendable {
  /// Bytes of the whole process while it works on this scan alone.
  package let memory: Int
  /// Slabs of each frame, all equally thick; one is the whole frame.
  package let slabs: [Slab]

  /// Bytes that the scan adds to what the program holds anyway.
  var own: Int { memory - Footprint.base }

  /// Slices that are filtered at a time; `nil` when whole frames are.
  package var slabSlices: Int? { slabs.count > 1 ? slabs.first?.source.count : nil }
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
    let reach = absentNonFinite ? nil : grid.chain.reachAlongK(in: shape)
    let (wanted, most) = reach.map { counts(facts, grid, reach: $0) } ?? (1, 1)
    func need(_ count: Int) -> Int { self.need(facts, grid, Slab.Cut(shape, reach: reach ?? 0, into: count)) }
    // More slabs are thinner ones: the first number that fits wastes least.
    guard let count = first(in: wanted..<most + 1, { need($0) <= budget }) else {
      throw .beyondMemory(needs: min(need(wanted), need(most)), budget: budget)
    }
    return ScanRoom(memory: need(count), slabs: Slab.cut(shape, reach: reach ?? 0, into: count))
  }

  /// The number of slabs that is best where memory does not matter, and the largest that there can be.
  private func counts(_ facts: ScanFacts, _ grid: PlannedGrid, reach: Int) -> (wanted: Int, most: Int) {
    let shape = grid.key.shape
    let wanted = Overlap(facts, grid, reach: reach, lanes: engine.workers.count).slabs
    let beyond = first(in: 2..<shape.k + 1) { Slab.Cut(shape, reach: reach, into: $0).count < $0 } ?? shape.k + 1
    return (wanted, max(wanted, beyond - 1))
  }

  /// The first number that does, when all after it do.
  private func first(in numbers: Range<Int>, _ does: (Int) -> Bool) -> Int? {
    var (low, high) = (numbers.lowerBound, numbers.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if does(middle) { high = middle } else { low = middle + 1 }
    }
    return low < numbers.upperBound ? low : nil
  }

  private func need(_ facts: ScanFacts, _ grid: PlannedGrid, _ cut: Slab.Cut) -> Int {
    let isWhole = cut.count == 1
    guard let slab = grid.key.shape.cut(to: cut.thickness) else { return .max }
    let footprint = Footprint(
      facts, grid, cost: isWhole ? grid.cost : cost(of: grid, slab), slices: cut.thickness, shared: cut.shared,
      output: output, workers: engine.workers)
    // Masks are cut as the frames are, and stay whole besides.
    let masks = grid.chain.maskBytes.multipliedSaturating(by: isWhole ? 1 : 2)
    return footprint.bytes.addingSaturating(Footprint.base).addingSaturating(masks)
  }

  private func cost(of grid: PlannedGrid, _ shape: Shape) -> ChainCost {
    grid.double
      ? engine.cost(of: grid.chain, shape: shape, scalar: Double.self, absentNonFinite: absentNonFinite)
      : engine.cost(of: grid.chain, shape: shape, scalar: Float.self, absentNonFinite: absentNonFinite)
  }
}

extension ScanFailure {
  fileprivate static func beyondMemory(needs: Int, budget: Int) -> ScanFailure {
    ScanFailure(
      .memoryLimit, .plan, "memory", expected: "at most \(budget) bytes", found: "a need of \(needs) bytes",
      advice: "raise resources.memory_mb or --memory, or run where there is more")
  }
}
