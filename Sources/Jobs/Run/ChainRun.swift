import Filtering
import Parallel
import VolumeIO
import Volumes

/// Where the frames go that leave a chain at some point.
protocol FrameDestination {
  var header: OutputHeader { get }
  var writer: ScanWriter { get }
}

/// A scan's way through its chain: read → filter → write. While some voxels are filtered, the next ones are read and those
/// before are written, if there are lanes for that.
struct ChainRun<Scalar: ComputeScalar> {
  let segments: [Segment]
  /// How each segment is done in the memory that there is.
  let plans: [SegmentPlan]
  let nonFinite: NonFinitePolicy
  let work: ChainWork

  /// An output of the scan.
  struct Output {
    /// How many segments its voxels have passed.
    let segments: Int
    let destination: any FrameDestination
  }

  /// Runs every frame of `reader` through the chain.
  ///
  /// - Returns: what happened to the voxels of each output.
  func run(_ reader: ScanReader, into outputs: [Output]) throws -> [VoxelCounts] {
    let (workers, cancellation) = (work.engine.workers, work.engine.cancellation)
    let incoming = try IncomingVoxels(reader, workers: workers, cancellation: cancellation)
    let outgoing = try outputs.map { output in
      OutputPoint<Scalar>(
        segments: output.segments,
        voxels: try OutgoingVoxels(output.destination, workers: workers, cancellation: cancellation), work: work)
    }
    // Nothing may go on that still uses the scan or an output, whatever went wrong.
    defer {
      incoming.abandon()
      outgoing.forEach { $0.voxels.abandon() }
    }
    let decoded = DecodedVoxels<Scalar>(incoming, nonFinite, work)
    let last = try run(from: decoded) { passed, piece in
      for output in outgoing where output.segments == passed { try output.write(piece) }
    }
    while let piece = try last.next() {
      for output in outgoing where output.segments == segments.count { try output.write(piece) }
      last.giveBack(piece.frame)
    }
    return try outgoing.map { try $0.finish(nonFinite: decoded.nonFinite) }
  }

  /// The segments, each reading what comes out of the one before.
  ///
  /// - Parameter tap: Sees what comes out of each segment but the last, with the number of segments passed.
  func run(
    from source: some VoxelStream<Scalar>, tap: @escaping (Int, Piece<Scalar>) throws -> Void = { _, _ in }
  ) throws -> any SegmentRun<Scalar> {
    var stream: any VoxelStream<Scalar> = source
    var passed = 0
    while true {
      let run = try run(segments[passed], plans[passed], from: stream)
      passed += 1
      guard passed < segments.count else { return run }
      let done = passed
      stream = SegmentStream(run) { try tap(done, $0) }
    }
  }

  private func run(
    _ segment: Segment, _ plan: SegmentPlan, from input: any VoxelStream<Scalar>
  ) throws -> any SegmentRun<Scalar> {
    switch segment.way {
    case .slabs, .frames: try SlabRun(segment, slabs: plan.slabs, from: input, work)
    case .frameAfterFrame: try AccumulationRun(segment, from: input, work)
    case .series: try SeriesRun(segment, isSpooled: plan.isSpooled, from: input, work)
    }
  }
}

/// An output at its point of the chain.
private final class OutputPoint<Scalar: ComputeScalar> {
  let segments: Int
  let voxels: OutgoingVoxels
  private let work: ChainWork
  private var counts = VoxelCounts()

  init(segments: Int, voxels: OutgoingVoxels, work: ChainWork) {
    (self.segments, self.voxels, self.work) = (segments, voxels, work)
  }

  func write(_ piece: Piece<Scalar>) throws {
    if piece.voxels.lowerBound == 0 { try work.begins(.write, frame: piece.number) }
    let encoded = try work.measure(.write) { try voxels.encode(piece.frame, piece.voxels) }
    counts.clipped += encoded.clipped
    counts.nonFiniteOut += encoded.nonFinite
  }

  func finish(nonFinite: Int) throws -> VoxelCounts {
    try work.measure(.write) { try voxels.finish() }
    counts.nonFinite = nonFinite
    counts.loss = voxels.loss.finding
    return counts
  }
}

/// What happened to the voxels on their way.
struct VoxelCounts: Sendable {
  var clipped = 0
  /// Non-finite voxels of the input.
  var nonFinite = 0
  /// Non-finite voxels of the output as computed.
  var nonFiniteOut = 0
  /// What rounding to the output's type has cost, where it has cost much.
  var loss: Finding?
}

extension JobPlan {
  /// The chain of a scan, ready to run.
  func chainRun<Scalar: ComputeScalar>(
    of content: PlannedScan.Content, _ work: ChainWork
  ) throws(ScanFailure) -> ChainRun<Scalar> {
    ChainRun(
      segments: try grids[content.grid].segments(for: content.facts, in: work.engine), plans: content.room.segments,
      nonFinite: spec.policy.nonFinite, work: work)
  }

  /// The grid of an output, where it is not the scan's.
  func grid(of number: Int, for content: PlannedScan.Content, _ segments: [Segment]) -> GridChange? {
    let point = grids[content.grid].points[number]
    return segments[point.segments(of: segments) - 1].output.change(from: segments[0].input)
  }

  /// Where some outputs of a scan leave its chain.
  ///
  /// - Parameter numbers: of the outputs.
  func destinations<Scalar: ComputeScalar>(
    _ numbers: [Int], of content: PlannedScan.Content, _ segments: [Segment], _ outputs: [any FrameDestination]
  ) -> [ChainRun<Scalar>.Output] {
    let points = grids[content.grid].points
    return zip(numbers, outputs).map { number, output in
      ChainRun<Scalar>.Output(segments: points[number].segments(of: segments), destination: output)
    }
  }
}
