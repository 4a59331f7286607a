import Filtering
import Parallel
import VolumeIO
import Volumes

/// Where the filtered frames go.
protocol FrameDestination {
  var header: OutputHeader { get }
  var writer: ScanWriter { get }
}

/// The way of a scan's voxels: read → filter → write. While a frame is filtered, the next one is read and the one before
/// is written, if there are lanes for that.
struct FramePipeline<Scalar: ComputeScalar> {
  private let chain: PreparedChain<Scalar>
  private let workers: Workers
  private let nonFinite: NonFinitePolicy

  init(chain: Chain, shape: Shape, engine: Engine, nonFinite: NonFinitePolicy) throws {
    self.chain = try inEngine { () throws(EngineFailure) in
      try engine.prepare(chain, for: Scalar.self, shape: shape, absentNonFinite: nonFinite == .ignore)
    }
    self.workers = engine.workers
    self.nonFinite = nonFinite
  }

  /// Runs every frame of `reader` through the chain into `output`.
  ///
  /// - Parameters:
  ///   - times: what the scan waited for, so that the stages add up to the whole although they overlap.
  ///   - stage: told before each stage of each frame; throws `Cancelled` to stop.
  func run(
    _ reader: ScanReader, into output: some FrameDestination, times: inout StageTimes,
    stage: (Stage, _ frame: Int) throws(Cancelled) -> Void
  ) throws -> VoxelCounts {
    let header = reader.header
    let raw = try FrameBuffers(frames: header.frames, bytes: header.frameBytes, workers: workers)
    let stored = try FrameBuffers(frames: header.frames, bytes: output.header.frameBytes, workers: workers)
    let reading = SideLane("read", workers: workers, depth: raw.count)
    let writing = SideLane("write", workers: workers, depth: stored.count - 1)
    // Nobody may be left behind who still uses the scan or the output, whatever went wrong.
    defer { for lane in [reading, writing] { try? lane.finish() } }
    func read(_ number: Int) throws {
      guard number <= header.frames else { return }
      try reading.begin { try reader.readFrame(into: raw[number].bytes) }
    }

    var frame = try Frame<Scalar>(shape: header.shape)
    var counts = VoxelCounts()
    try times.measure(.read) { for number in 1..<max(2, raw.count) { try read(number) } }
    for number in 1...header.frames {
      try stage(.read, number)
      counts.nonFinite += try times.measure(.read) {
        try reading.finish(number)
        if raw.count > 1 { try read(number + raw.count - 1) }
        return try decode(raw[number], of: header, into: frame)
      }
      try stage(.filter, number)
      frame = try times.measure(.filter) {
        try inEngine { () throws(EngineFailure) in try chain.apply(to: frame) }
      }
      try stage(.write, number)
      try times.measure(.write) {
        encode(frame, to: stored[number], of: output.header, &counts)
        try writing.begin { try output.writer.writeFrame(UnsafeRawBufferPointer(stored[number].bytes)) }
      }
    }
    try times.measure(.write) { try writing.finish() }
    return counts
  }

  /// Fills the frame with a frame as read and puts the policy for non-finite voxels in force.
  private func decode(_ raw: MappedMemory, of header: ScanHeader, into frame: Frame<Scalar>) throws -> Int {
    let counts = VoxelConversion.decode(
      UnsafeRawBufferPointer(raw.bytes), type: header.voxelType, byteOrder: header.byteOrder, scaling: header.scaling,
      into: frame, workers: workers)
    guard counts.overflowed == 0 else { throw ScanFailure.scaledBeyondRange(counts.overflowed) }
    guard counts.beyondPrecision == 0 else { throw ScanFailure.beyondPrecision(counts.beyondPrecision) }
    guard counts.nonFinite > 0 else { return 0 }
    switch nonFinite {
    case .refuse: throw ScanFailure.nonFinite(counts.nonFinite)
    case .zero: for index in frame.voxels.indices where !frame.voxels[index].isFinite { frame.voxels[index] = 0 }
    case .propagate, .ignore: break
    }
    return counts.nonFinite
  }

  private func encode(
    _ frame: Frame<Scalar>, to stored: MappedMemory, of header: OutputHeader, _ counts: inout VoxelCounts
  ) {
    let encoded = VoxelConversion.encode(
      frame, type: header.voxelType, scaling: header.scaling, into: stored.bytes, workers: workers)
    counts.clipped += encoded.clipped
    counts.nonFiniteOut += encoded.nonFinite
  }
}

/// Stored frames that are read or written while another one is converted.
struct FrameBuffers {
  private let buffers: [MappedMemory]

  init(frames: Int, bytes: Int, workers: Workers) throws(OutOfMemory) {
    var buffers: [MappedMemory] = []
    for _ in 0..<Self.count(frames: frames, bytes: bytes, workers: workers) {
      buffers.append(try MappedMemory(count: bytes))
    }
    self.buffers = buffers
  }

  /// Two for a series; more of small frames, because compressing goes in bursts of several megabytes.
  static func count(frames: Int, bytes: Int, workers: Workers) -> Int {
    let burst = workers.count > 1 ? (8 << 20) / max(1, bytes) : 0
    return min(frames, max(2, min(burst, 16)))
  }

  var count: Int { buffers.count }

  subscript(frame: Int) -> MappedMemory { buffers[frame % buffers.count] }
}

/// Does something in the engine. What it throws concerns one scan, and becomes an error that is known to do so: others
/// stop the run.
private func inEngine<Value>(_ work: () throws(EngineFailure) -> Value) throws -> Value {
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
