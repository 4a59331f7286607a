import Filtering
import Parallel
import VolumeIO
import Volumes

/// The memory that a scan needs while it is worked on, from its header and the plan alone.
struct Footprint {
  /// Besides what the program holds anyway.
  let bytes: Int

  /// Code, the plan, the runtime's heap, the stacks of threads.
  static let base = 23 << 20

  /// - Parameters:
  ///   - segments: of its chain.
  ///   - count: of slabs that frames are cut into, where they can be.
  ///   - isSpooled: whether series lie in a file and not in memory.
  ///   - outputs: the layouts of what is written.
  init(
    _ facts: ScanFacts, _ grid: PlannedGrid, _ segments: [Segment], slabs count: Int, isSpooled: Bool,
    outputs: [Layout], as output: OutputForm, _ engine: Engine
  ) {
    let read = facts.voxels.multipliedSaturating(by: facts.voxelType.bytes)
    let working =
      grid.double
      ? Self.working(segments, count, isSpooled, engine, in: Double.self)
      : Self.working(segments, count, isSpooled, engine, in: Float.self)
    let written = outputs.map { Self.writing($0, facts, output, engine.workers) }
    let parts = [
      working, Self.companions(of: segments, grid), facts.decodingBytes,
      PartRing.memory(bytes: read, workers: engine.workers),
    ]
    bytes = (parts + written).reduce(0) { $0.addingSaturating($1) }
  }

  private static func writing(
    _ layout: Layout, _ facts: ScanFacts, _ output: OutputForm, _ workers: Workers
  ) -> Int {
    let bytes = layout.shape.count.multipliedSaturating(by: layout.frames)
      .multipliedSaturating(by: output.voxelType.resolved(for: facts.voxelType).bytes)
    return PartRing.memory(bytes: bytes, workers: workers)
      .addingSaturating(output.format.compression.writingBytes(bytes, level: output.level, workers: workers))
  }

  /// All segments have their memory at the same time: each reads from the one before.
  private static func working<Scalar: ComputeScalar>(
    _ segments: [Segment], _ count: Int, _ isSpooled: Bool, _ engine: Engine, in scalar: Scalar.Type
  ) -> Int {
    var sum = 0
    var handsOver = false
    for segment in segments {
      let cut = segment.cut(into: count)
      let footprint = SegmentFootprint<Scalar>(segment: segment, cut: cut, isSpooled: isSpooled, engine: engine)
      sum = sum.addingSaturating(footprint.bytes(takesFrames: handsOver))
      // Masks are cut as the frames are, and stay whole besides.
      let masks = segment.operations.reduce(0) { $0.addingSaturating($1.maskBytes(in: segment.input.shape)) }
      sum = sum.addingSaturating(masks.multipliedSaturating(by: cut.count == 1 ? 1 : 2))
      handsOver = cut.count == 1
    }
    return sum
  }

  /// Frames of second scans that come with each scan.
  private static func companions(of segments: [Segment], _ grid: PlannedGrid) -> Int {
    segments.reduce(0) { sum, segment in
      let frames = segment.operations.flatMap(\.companions).filter { $0.role != .mask }.count
      let bytes = segment.input.shape.count.multipliedSaturating(by: grid.scalarBytes)
      return sum.addingSaturating(bytes.multipliedSaturating(by: frames))
    }
  }
}

extension Filtering.Operation {
  /// Bytes of the masks that it works with.
  fileprivate func maskBytes(in shape: Shape) -> Int {
    residentBytes.addingSaturating(shape.count.multipliedSaturating(by: companions.filter { $0.role == .mask }.count))
  }
}
