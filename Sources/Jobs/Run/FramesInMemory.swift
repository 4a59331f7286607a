import Filtering
import Filters
import Parallel
import Volumes

/// A series in memory, filtered by a chain into another in memory.
package struct FramesInMemory {
  private let segments: [Segment]
  private let engine: Engine
  private let companions: [PlannedCompanion]

  /// Is given the frames that are read, of how many.
  package typealias Telling = (Int, Int) throws(Cancelled) -> Void

  /// - Parameters:
  ///   - layout: of the series.
  ///   - beside: the second scans of the filters; relative paths start at the current folder.
  package init(
    _ chain: Chain, _ layout: Layout, _ engine: Engine, beside: [ScanBeside] = []
  ) throws(ScanFailure) {
    segments = chain.segments(try chain.layouts(from: layout), in: engine)
    companions = try CompanionPaths(beside, root: ".", folder: ".").companions(of: "volume")
    try segments.check(companions)
    self.engine = engine
  }

  /// What the series looks like behind the chain.
  package var output: Layout { segments[segments.count - 1].output }

  /// Filters copies of the frames.
  ///
  /// - Throws: what the operations say of the frames; `OutOfMemory`, `Cancelled`.
  package func apply<Scalar: ComputeScalar, Computed: ComputeScalar>(
    to frames: [Frame<Scalar>], in computed: Computed.Type, _ tell: Telling
  ) throws -> [Frame<Scalar>] {
    try withoutActuallyEscaping(tell) { tell in
      let companions = OpenCompanions(companions, .propagate)
      let work = ChainWork(engine, companions: companions, spool: { try SpoolFile.anywhere() }) {
        (stage, frame) throws(Cancelled) in if stage == .read { try tell(frame - 1, frames.count) }
      }
      let run = ChainRun<Computed>(
        segments: segments, plans: segments.map { SegmentPlan($0, slabs: 1, isSpooled: false) },
        nonFinite: .propagate, work: work)
      let last = try run.run(from: FrameSource<Scalar, Computed>(frames, work))
      var results: [Frame<Scalar>] = []
      while let piece = try last.next() {
        guard let same = piece.frame as? Frame<Scalar> else {
          results.append(try piece.frame.copied(as: Scalar.self))
          last.giveBack(piece.frame)
          continue
        }
        results.append(same)
      }
      try tell(frames.count, frames.count)
      return results
    }
  }
}

/// Frames in memory as a stream of voxels. They stay as they are: a chain takes the memory that it is given.
private final class FrameSource<Scalar: ComputeScalar, Computed: ComputeScalar>: VoxelStream {
  private let frames: [Frame<Scalar>]
  private let work: ChainWork
  private var next = 0

  init(_ frames: [Frame<Scalar>], _ work: ChainWork) { (self.frames, self.work) = (frames, work) }

  func takeFrame() throws -> Frame<Computed>? {
    guard frames.indices.contains(next) else { return nil }
    try work.begins(.read, frame: next)
    defer { next += 1 }
    return try frames[next].copied(as: Computed.self)
  }

  func read(into frame: Frame<Computed>, _ voxels: Range<Int>, of number: Int) throws {
    if next == number {
      try work.begins(.read, frame: number)
      next += 1
    }
    for voxel in voxels { frame.voxels[voxel] = Computed(frames[number].voxels[voxel]) }
  }
}

extension Frame {
  fileprivate func copied<Other: ComputeScalar>(as scalar: Other.Type) throws(OutOfMemory) -> Frame<Other> {
    let copy = try Frame<Other>(shape: shape)
    if let same = self as? Frame<Other> {
      copy.base.update(from: same.base, count: shape.count)
    } else {
      for (index, voxel) in voxels.enumerated() { copy.voxels[index] = Other(voxel) }
    }
    return copy
  }
}
