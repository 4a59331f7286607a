import Filtering
import Parallel
import VolumeIO
import Volumes

/// A scan's voxels on their way in: read ahead part by part on a lane of their own, and decoded where they are wanted.
final class IncomingVoxels {
  private let reader: ScanReader
  private let workers: Workers
  private let cancellation: Cancellation
  private let lane: SideLane
  private let ring: PartRing
  /// Parts that were begun, and parts that were taken to be decoded.
  private var begun = 0
  private var taken = 0
  /// What is left of the last one.
  private var rest: Slice<UnsafeMutableRawBufferPointer>

  init(_ reader: ScanReader, workers: Workers, cancellation: Cancellation) throws(OutOfMemory) {
    ring = try PartRing(bytes: reader.header.voxelBytes, workers: workers)
    lane = SideLane("read", workers: workers, depth: ring.count, isUrgent: true)
    rest = ring[0].prefix(0)
    self.reader = reader
    (self.workers, self.cancellation) = (workers, cancellation)
  }

  /// Fills voxels of a frame with the scan's next.
  func decode<Scalar: ComputeScalar>(into frame: Frame<Scalar>, _ voxels: Range<Int>) throws -> DecodeCounts {
    let header = reader.header
    var counts = DecodeCounts()
    var next = voxels.lowerBound
    while next < voxels.upperBound {
      if rest.isEmpty { rest = try nextPart() }
      let bytes = min(rest.count, (voxels.upperBound - next) * header.voxelType.bytes)
      counts += VoxelConversion.decode(
        UnsafeRawBufferPointer(rebasing: rest.prefix(bytes)), type: header.voxelType, byteOrder: header.byteOrder,
        scaling: header.scaling, into: frame, at: next, workers: workers)
      rest = rest.dropFirst(bytes)
      next += bytes / header.voxelType.bytes
    }
    return counts
  }

  /// Waits for the next part. The one before is decoded, so its place is free for one that is read ahead.
  private func nextPart() throws -> Slice<UnsafeMutableRawBufferPointer> {
    while begun < taken + ring.count, bytes(of: begun) > 0 {
      let part = UnsafeMutableRawBufferPointer(rebasing: ring[begun].prefix(bytes(of: begun)))
      let (reader, hashing, cancellation) = (reader, ring.count - 1, cancellation)
      try lane.begin {
        // A slow disk takes long for the parts that are read ahead.
        try cancellation.check()
        try reader.readVoxels(into: part, leaving: hashing)
      }
      begun += 1
    }
    taken += 1
    try lane.finish(taken)
    return ring[taken - 1].prefix(bytes(of: taken - 1))
  }

  /// 0 behind the last part.
  private func bytes(of part: Int) -> Int {
    let whole = reader.header.voxelBytes
    let start = part.multipliedSaturating(by: PartRing.part)
    return max(0, min(PartRing.part, whole - min(start, whole)))
  }

  /// Returns when nobody uses the scan any more.
  func abandon() {
    try? lane.finish()
    reader.settle()
  }
}
