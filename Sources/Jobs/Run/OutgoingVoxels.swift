import Filtering
import Parallel
import VolumeIO
import Volumes

/// A scan's voxels on their way out: encoded part by part, and hashed, compressed and written on a lane of their own.
final class OutgoingVoxels {
  private let output: any FrameDestination
  private let workers: Workers
  private let cancellation: Cancellation
  private let lane: SideLane
  private let ring: PartRing
  /// Parts that wait to be written, or are being written; and parts that were written and may still be hashed. Together
  /// they leave one place of the ring for the next part.
  private let writing: Int
  private let hashing: Int
  private var part = 0
  /// Bytes of the part that are encoded.
  private var filled = 0
  /// Voxels that are encoded, over all frames.
  private var position = 0
  private(set) var loss: RoundingLoss

  init(_ output: any FrameDestination, workers: Workers, cancellation: Cancellation) throws(OutOfMemory) {
    ring = try PartRing(bytes: output.header.voxelBytes, workers: workers)
    writing = max(1, ring.count / 2)
    hashing = max(0, ring.count - 1 - writing)
    lane = SideLane("write", workers: workers, depth: writing)
    let header = output.header
    loss = RoundingLoss(
      voxels: header.voxelBytes / header.voxelType.bytes, type: header.voxelType, scaling: header.scaling)
    self.output = output
    (self.workers, self.cancellation) = (workers, cancellation)
  }

  /// Encodes voxels of a frame behind those that came before.
  func encode<Scalar: ComputeScalar>(_ frame: Frame<Scalar>, _ voxels: Range<Int>) throws -> EncodeCounts {
    let (type, scaling) = (output.header.voxelType, output.header.scaling)
    var counts = EncodeCounts()
    var next = voxels.lowerBound
    while next < voxels.upperBound {
      let count = min((ring[part].count - filled) / type.bytes, voxels.upperBound - next)
      let room = UnsafeMutableRawBufferPointer(rebasing: ring[part][filled..<filled + count * type.bytes])
      counts += VoxelConversion.encode(
        frame, from: next, type: type, scaling: scaling, into: room, workers: workers)
      loss.measure(frame, from: next, at: position, as: UnsafeRawBufferPointer(room))
      next += count
      position += count
      filled += room.count
      if filled == ring[part].count { try writePart() }
    }
    return counts
  }

  private func writePart() throws {
    let bytes = UnsafeRawBufferPointer(rebasing: ring[part].prefix(filled))
    let (writer, hashing, cancellation) = (output.writer, hashing, cancellation)
    try lane.begin {
      try cancellation.check()
      try writer.writeVoxels(bytes, leaving: hashing)
    }
    part += 1
    filled = 0
  }

  /// Returns when all voxels are handed over to be compressed.
  func finish() throws {
    if filled > 0 { try writePart() }
    try lane.finish()
  }

  /// Returns when nobody uses the output any more.
  func abandon() {
    try? lane.finish()
    output.writer.settle()
  }
}
