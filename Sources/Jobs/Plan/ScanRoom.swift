import Filtering
import Volumes

/// The memory that was found for a scan, and how its chain works in it.
package struct ScanRoom: Sendable {
  /// Bytes of the whole process while it works on this scan alone.
  package let memory: Int
  /// Bytes of temporary files on the output disk.
  package let disk: Int
  /// One for each segment of the chain.
  package let segments: [SegmentPlan]

  /// Bytes that the scan adds to what the program holds anyway.
  var own: Int { memory - Footprint.base }

  /// Slices that are filtered at a time; `nil` when whole frames are.
  package var slabSlices: Int? {
    segments.lazy.filter { $0.slabs.count > 1 }.compactMap { $0.slabs.first?.source.count }.min()
  }
}

/// Finds memory for scans before any is worked on.
struct RoomFinder {
  let budget: Int
  let output: OutputForm
  let engine: Engine

  /// The plan for a scan.
  ///
  /// - Parameter number: of the grid.
  /// - Throws: `E_LIMIT_MEM` with both numbers when neither a frame nor slabs of it fit; what an operation says of the
  ///   scan's series.
  func content(
    _ facts: ScanFacts, _ companions: [PlannedCompanion], on grid: PlannedGrid, at number: Int
  ) throws(ScanFailure) -> PlannedScan.Content {
    let segments = try grid.segments(for: facts, in: engine)
    try segments.check(companions)
    let need = Need(facts: facts, grid: grid, segments: segments, output: output, engine: engine)
    return PlannedScan.Content(
      facts: facts, companions: companions, grid: number, room: try room(for: facts, on: grid, segments, need),
      outputBytes: need.outputBytes)
  }

  private func room(
    for facts: ScanFacts, on grid: PlannedGrid, _ segments: [Segment], _ need: Need
  ) throws(ScanFailure) -> ScanRoom {
    let (wanted, most) = counts(facts, grid, segments)
    var least = Int.max
    // A series is held where any number of slabs leaves room for it.
    for isSpooled in segments.contains(where: { $0.way == .series }) ? [false, true] : [false] {
      // More slabs are thinner ones: the first number that fits wastes least.
      if let count = first(in: wanted..<most + 1, { need.bytes($0, isSpooled) <= budget }) {
        return ScanRoom(
          memory: need.bytes(count, isSpooled), disk: isSpooled ? need.spool : 0,
          segments: segments.map { SegmentPlan($0, slabs: count, isSpooled: isSpooled) })
      }
      least = min(least, need.bytes(wanted, isSpooled), need.bytes(most, isSpooled))
    }
    throw .beyondMemory(needs: least, budget: budget)
  }

  /// The number of slabs that is best where memory does not matter, and the largest that there can be.
  private func counts(_ facts: ScanFacts, _ grid: PlannedGrid, _ segments: [Segment]) -> (wanted: Int, most: Int) {
    var wanted = 1
    if segments.count == 1, let halo = segments[0].halo {
      wanted = Overlap(facts, grid, halo: halo, lanes: engine.workers.count).slabs
    }
    let most = segments.map { segment in
      guard segment.halo != nil else { return 1 }
      let slices = segment.input.shape.k
      return (first(in: 2..<slices + 1) { segment.cut(into: $0).count < $0 } ?? slices + 1) - 1
    }
    return (wanted, max(wanted, most.max() ?? 1))
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
}

/// What a scan needs.
private struct Need {
  let facts: ScanFacts
  let grid: PlannedGrid
  let segments: [Segment]
  let output: OutputForm
  let engine: Engine

  private var outputs: [Layout] { grid.points.map { segments[$0.segments(of: segments) - 1].output } }

  /// Bytes of the voxels of each output.
  var outputBytes: [Int] {
    outputs.map { layout in
      layout.shape.count.multipliedSaturating(by: layout.frames)
        .multipliedSaturating(by: output.voxelType.resolved(for: facts.voxelType).bytes)
    }
  }

  /// Bytes of memory, of the whole process.
  func bytes(_ slabs: Int, _ isSpooled: Bool) -> Int {
    let footprint = Footprint(
      facts, grid, segments, slabs: slabs, isSpooled: isSpooled, outputs: outputs, as: output, engine)
    return footprint.bytes.addingSaturating(Footprint.base)
  }

  /// Bytes of temporary files.
  var spool: Int {
    segments.reduce(0) { sum, segment in
      guard segment.way == .series else { return sum }
      let voxels = segment.input.shape.count.multipliedSaturating(by: segment.input.frames)
      return sum.addingSaturating(voxels.multipliedSaturating(by: grid.scalarBytes))
    }
  }
}

extension ScanFailure {
  fileprivate static func beyondMemory(needs: Int, budget: Int) -> ScanFailure {
    ScanFailure(
      .memoryLimit, .plan, "memory", expected: "at most \(budget) bytes", found: "a need of \(needs) bytes",
      advice: "raise resources.memory_mb or --memory, or run where there is more")
  }
}
