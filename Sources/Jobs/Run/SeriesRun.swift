import Filtering
import Parallel
import Volumes

/// A segment that has all frames of a series before it changes one. The series is held in memory, or in a file where that has not
/// enough; the bits are the same.
final class SeriesRun<Scalar: ComputeScalar>: SegmentRun {
  private let segment: Segment
  private let isSpooled: Bool
  private let input: any VoxelStream<Scalar>
  private let work: ChainWork
  private let ready: Ready
  private let runner: Runner<Scalar>
  private var series: (any SeriesStore<Scalar>)?
  private var number = 0
  private var spare: Frame<Scalar>?

  /// What is done once all frames are there.
  private enum Ready {
    case tiles(any SeriesOperation<Scalar>)
    case survey(any Survey<Scalar>)
  }

  init(_ segment: Segment, isSpooled: Bool, from input: any VoxelStream<Scalar>, _ work: ChainWork) throws {
    (self.segment, self.isSpooled, self.input, self.work) = (segment, isSpooled, input, work)
    (runner, ready) = try segment.preparedForSeries(work) { (prepared: PreparedOperation<Scalar>) in
      switch prepared {
      case .series(let operation): .tiles(operation)
      case .survey(let survey): .survey(survey)
      case .frames, .accumulation: nil
      }
    }
  }

  func next() throws -> Piece<Scalar>? {
    let series = try self.series ?? computed()
    self.series = series
    guard number < segment.output.frames else { return nil }
    var frame = try series.frame(number, reusing: spare)
    spare = nil
    if case .survey(let survey) = ready {
      frame = try work.measure(.filter) {
        try inEngine { () throws(EngineFailure) in try survey.apply(to: frame, number: number, runner: runner) }
      }
    }
    defer { number += 1 }
    return Piece(frame: frame, voxels: 0..<frame.shape.count, number: number)
  }

  func giveBack(_ frame: Frame<Scalar>) { if isSpooled { spare = frame } }

  private func computed() throws -> any SeriesStore<Scalar> {
    let shape = segment.input.shape
    let store: any SeriesStore<Scalar> =
      isSpooled ? SpooledSeries(try work.spool(), shape: shape) : HeldSeries(shape: shape)
    var spare: Frame<Scalar>?
    for number in 0..<segment.input.frames {
      let frame = try input.wholeFrame(number, of: shape, reusing: spare)
      try work.begins(.filter, frame: number)
      spare = try work.measure(.filter) { try store.keep(frame) }
    }
    spare = nil
    try work.measure(.filter) {
      switch ready {
      case .tiles(let operation): try compute(store, operation)
      case .survey(let survey): try look(at: store, survey)
      }
    }
    return store
  }

  private func look(at store: any SeriesStore<Scalar>, _ survey: any Survey<Scalar>) throws {
    var spare: Frame<Scalar>?
    repeat {
      for number in 0..<segment.input.frames {
        try work.engine.cancellation.check()
        let frame = try store.look(at: number, reusing: spare)
        try inEngine { () throws(EngineFailure) in try survey.look(at: frame, runner: runner) }
        if isSpooled { spare = frame }
      }
    } while survey.endsLook()
  }

  private func compute(_ store: any SeriesStore<Scalar>, _ operation: any SeriesOperation<Scalar>) throws {
    let frames = segment.input.frames
    for tile in SeriesTiles(shape: segment.input.shape, frames: frames, scalarBytes: MemoryLayout<Scalar>.stride).all {
      try work.engine.cancellation.check()
      try store.withTile(tile, writing: operation.outputFrames) { rows in
        let tables = UnsafeRows(rows)
        try inEngine { () throws(EngineFailure) in try compute(tables, tile.count, operation) }
      }
    }
  }

  /// Lanes share out the voxels of a tile.
  private func compute(
    _ rows: UnsafeRows<Scalar>, _ count: Int, _ operation: any SeriesOperation<Scalar>
  ) throws(EngineFailure) {
    let share = SeriesShare.voxels
    let frames = segment.input.frames
    try runner.spare.withScratch { scratch throws(EngineFailure) in
      try runner.engine.forEachPiece(of: (count + share - 1) / share) { lane, piece in
        let first = piece * share
        var block = scratch.block(of: lane)
        let own = block.take(frames, of: UnsafeMutablePointer<Scalar>.self)
        for frame in 0..<frames { own[frame] = rows.rows[frame] + first }
        operation.apply(to: own, count: min(share, count - first), scratch: &block)
      }
    }
  }
}

/// Where the rows of a tile begin, one for each frame.
private struct UnsafeRows<Scalar>: @unchecked Sendable {
  // @unchecked Sendable because lanes work on disjoint voxels of the rows.
  let rows: [UnsafeMutablePointer<Scalar>]

  init(_ rows: [UnsafeMutablePointer<Scalar>]) { self.rows = rows }
}

/// How a series is cut into tiles: some voxels of all frames.
struct SeriesTiles {
  let shape: Shape
  let frames: Int
  let scalarBytes: Int

  /// Of a tile in memory.
  private static let bytes = 32 << 20

  /// Voxels of a tile.
  var voxels: Int {
    let fitting = Self.bytes / max(1, frames.multipliedSaturating(by: scalarBytes))
    return min(shape.count, max(SeriesShare.voxels, fitting / SeriesShare.voxels * SeriesShare.voxels))
  }

  var all: [Range<Int>] {
    stride(from: 0, to: shape.count, by: voxels).map { $0..<min($0 + voxels, shape.count) }
  }

  /// Memory for one tile, and the rows that lanes work on.
  var memory: Int { voxels.multipliedSaturating(by: frames).multipliedSaturating(by: scalarBytes) }
}
