import Filtering
import Volumes

/// A segment that sees a series frame after frame, and has its results after the last.
final class AccumulationRun<Scalar: ComputeScalar>: SegmentRun {
  private let segment: Segment
  private let input: any VoxelStream<Scalar>
  private let work: ChainWork
  private let accumulation: any Accumulation<Scalar>
  private let runner: Runner<Scalar>
  private var results: [Frame<Scalar>]?
  private var number = 0

  init(_ segment: Segment, from input: any VoxelStream<Scalar>, _ work: ChainWork) throws {
    (self.segment, self.input, self.work) = (segment, input, work)
    (runner, accumulation) = try segment.preparedForSeries(work) { (prepared: PreparedOperation<Scalar>) in
      if case .accumulation(let ready) = prepared { ready } else { nil }
    }
  }

  func next() throws -> Piece<Scalar>? {
    let results = try self.results ?? accumulate()
    guard results.indices.contains(number) else { return nil }
    self.results = results
    defer { number += 1 }
    return Piece(frame: results[number], voxels: 0..<results[number].shape.count, number: number)
  }

  func giveBack(_ frame: Frame<Scalar>) {}

  private func accumulate() throws -> [Frame<Scalar>] {
    var spare: Frame<Scalar>?
    for number in 0..<segment.input.frames {
      let frame = try input.wholeFrame(number, of: segment.input.shape, reusing: spare)
      try work.begins(.filter, frame: number)
      try work.measure(.filter) {
        try inEngine { () throws(EngineFailure) in try accumulation.add(frame, runner: runner) }
      }
      spare = frame
    }
    return try work.measure(.filter) {
      try inEngine { () throws(EngineFailure) in try accumulation.finish(runner: runner) }
    }
  }
}

extension VoxelStream {
  /// The next frame of the series as a whole.
  func wholeFrame(_ number: Int, of shape: Shape, reusing spare: Frame<Scalar>?) throws -> Frame<Scalar> {
    if let frame = try takeFrame() { return frame }
    let frame = try spare ?? Frame<Scalar>(shape: shape)
    try read(into: frame, 0..<shape.count, of: number)
    return frame
  }
}

extension Segment {
  /// The only operation of a segment that sees more than a frame at a time, ready to run.
  ///
  /// - Throws: `E_KERNEL` when the operation is not of the kind that its scope says, which is a mistake of ours.
  func preparedForSeries<Scalar: ComputeScalar, Ready>(
    _ work: ChainWork, _ ready: (PreparedOperation<Scalar>) -> Ready?
  ) throws -> (Runner<Scalar>, Ready) {
    let engine = work.engine
    let place = OperationPlace(layout: input, companions: work.companions, chosen: work.chosen)
    let lanes = rowBytes + (operations.map { $0.cost(for: input, in: Scalar.self, engine).laneBytes }.max() ?? 0)
    let found = try inEngine { () throws(EngineFailure) in
      let prepared = try operations.first?.prepare(for: Scalar.self, at: place, engine)
      guard let found = prepared.flatMap(ready) else {
        throw .wrongScope(filter: operations.first?.filter ?? "filter")
      }
      return found
    }
    return (Runner(engine: engine, shape: input.shape, bytesPerLane: lanes), found)
  }

  /// What a lane keeps of the rows of a series, which the operation gets.
  var rowBytes: Int {
    var size = ScratchSize()
    size.add(input.frames, of: UnsafeRawPointer.self)
    return size.bytes
  }
}
