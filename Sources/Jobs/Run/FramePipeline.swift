import Filtering
import Parallel
import VolumeIO
import Volumes

/// Where the filtered frames go.
protocol FrameDestination {
  var header: OutputHeader { get }
  var writer: ScanWriter { get }
}

/// The way of a scan's voxels: read → filter → write. While some are filtered, the next ones are read and those before are
/// written, if there are lanes for that.
struct FramePipeline<Scalar: ComputeScalar> {
  private let chain: SlabChain<Scalar>
  private let shape: Shape
  private let slabs: [Slab]
  private let workers: Workers
  private let cancellation: Cancellation
  private let nonFinite: NonFinitePolicy

  /// - Parameter slabs: what is filtered at a time, together one frame; see `Slab`.
  init(chain: Chain, shape: Shape, slabs: [Slab], engine: Engine, nonFinite: NonFinitePolicy) throws {
    self.chain = SlabChain(chain, shape: shape, engine: engine, absentNonFinite: nonFinite == .ignore)
    self.shape = shape
    self.slabs = slabs
    (workers, cancellation) = (engine.workers, engine.cancellation)
    self.nonFinite = nonFinite
    // What the engine has against the chain comes before anything is read.
    if let first = slabs.first { try self.chain.prepare(for: first) }
  }

  /// Runs every frame of `reader` through the chain into `output`.
  ///
  /// - Parameters:
  ///   - times: what the scan waited for, so that the stages add up to the whole although they overlap.
  ///   - stage: told when each stage of each frame begins; throws `Cancelled` to stop.
  func run(
    _ reader: ScanReader, into output: some FrameDestination, times: inout StageTimes,
    stage: (Stage, _ frame: Int) throws(Cancelled) -> Void
  ) throws -> VoxelCounts {
    let incoming = try IncomingVoxels(reader, workers: workers, cancellation: cancellation)
    let outgoing = try OutgoingVoxels(output, workers: workers, cancellation: cancellation)
    // Nobody may be left behind who still uses the scan or the output, whatever went wrong.
    defer {
      incoming.abandon()
      outgoing.abandon()
    }
    var counts = VoxelCounts()
    var window = SlabWindow<Scalar>(of: shape)
    for number in 1...reader.header.frames {
      for (index, slab) in slabs.enumerated() {
        // Slabs are our own affair: whoever watches sees frames. The engine looks by itself whether it was cancelled.
        func begins(_ each: Stage) throws(Cancelled) { if index == 0 { try stage(each, number) } }
        try begins(.read)
        var frame = try times.measure(.read) { try read(slab, incoming, &window, &counts) }
        try begins(.filter)
        frame = try times.measure(.filter) { try chain.apply(to: frame, slab) }
        try begins(.write)
        try times.measure(.write) { try write(frame, slab, outgoing, &counts) }
        window.giveBack(frame)
      }
    }
    try times.measure(.write) { try outgoing.finish() }
    counts.loss = outgoing.loss.finding
    return counts
  }

  private func read(
    _ slab: Slab, _ incoming: IncomingVoxels, _ window: inout SlabWindow<Scalar>, _ counts: inout VoxelCounts
  ) throws -> Frame<Scalar> {
    let frame = try window.frame(for: slab)
    counts.nonFinite += try decode(incoming, into: frame, slab.fresh(in: shape))
    try window.keep(of: frame, slab)
    return frame
  }

  private func write(
    _ frame: Frame<Scalar>, _ slab: Slab, _ outgoing: OutgoingVoxels, _ counts: inout VoxelCounts
  ) throws {
    let encoded = try outgoing.encode(frame, slab.kept(in: shape))
    counts.clipped += encoded.clipped
    counts.nonFiniteOut += encoded.nonFinite
  }

  /// Fills voxels of a frame with the scan's next and puts the policy for non-finite voxels in force.
  private func decode(
    _ incoming: IncomingVoxels, into frame: Frame<Scalar>, _ voxels: Range<Int>
  ) throws -> Int {
    let counts = try incoming.decode(into: frame, voxels)
    guard counts.overflowed == 0 else { throw ScanFailure.scaledBeyondRange(counts.overflowed) }
    guard counts.beyondPrecision == 0 else { throw ScanFailure.beyondPrecision(counts.beyondPrecision) }
    guard counts.nonFinite > 0 else { return 0 }
    switch nonFinite {
    case .refuse: throw ScanFailure.nonFinite(counts.nonFinite)
    case .zero: for index in voxels where !frame.voxels[index].isFinite { frame.voxels[index] = 0 }
    case .propagate, .ignore: break
    }
    return counts.nonFinite
  }
}

/// Does something in the engine. What it throws concerns one scan, and becomes an error that is known to do so: others
/// stop the run.
func inEngine<Value>(_ work: () throws(EngineFailure) -> Value) throws -> Value {
  do throws(EngineFailure) {
    return try work()
  } catch {
    switch error {
    case .cancelled: throw Cancelled()
    case .outOfMemory(let bytes): throw OutOfMemory(bytes: bytes)
    case .gridMismatch(let expected, let found):
      throw ScanFailure(.gridMismatch, .filter, "grid", expected: "\(expected)", found: "\(found)")
    case .negativeWeights(let filter): throw ScanFailure.negativeWeights(filter)
    }
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

extension ScanFailure {
  static func negativeWeights(_ filter: String) -> ScanFailure {
    ScanFailure(
      .kernelUnfit, .filter, filter,
      expected: "weights of at least 0, because absent voxels divide by the weight of the others",
      found: "a weight below 0", advice: "set policy.nonfinite to \"refuse\", \"propagate\" or \"zero\"")
  }

  static func nonFinite(_ count: Int) -> ScanFailure {
    ScanFailure(
      .nonFinite, .read, "voxels", expected: "finite values", found: "\(count) NaN or infinite in one frame",
      advice: "set policy.nonfinite to \"propagate\", \"ignore\" or \"zero\"")
  }

  package static func scaledBeyondRange(_ count: Int) -> ScanFailure {
    ScanFailure(
      .headerScale, .read, "scl_slope and scl_inter", expected: "a scaling that keeps voxels finite",
      found: "\(count) voxels beyond the range in one frame")
  }

  package static func beyondPrecision(_ count: Int) -> ScanFailure {
    ScanFailure(
      .precision, .read, "voxels", expected: "64-bit integers up to 2^53", found: "\(count) beyond that in one frame",
      advice: "such values cannot pass through floating point unchanged")
  }
}
