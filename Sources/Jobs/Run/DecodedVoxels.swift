import Filtering
import VolumeIO
import Volumes

/// A scan's voxels as they are read, with the policy for NaN and infinite ones in force.
final class DecodedVoxels<Scalar: ComputeScalar>: VoxelStream {
  private let incoming: IncomingVoxels
  private let policy: NonFinitePolicy
  private let work: ChainWork
  private var begun = -1
  /// NaN and infinite voxels of the scan.
  private(set) var nonFinite = 0

  init(_ incoming: IncomingVoxels, _ policy: NonFinitePolicy, _ work: ChainWork) {
    (self.incoming, self.policy, self.work) = (incoming, policy, work)
  }

  func read(into frame: Frame<Scalar>, _ voxels: Range<Int>, of number: Int) throws {
    if number > begun {
      begun = number
      try work.begins(.read, frame: number)
    }
    nonFinite += try work.measure(.read) { try decode(into: frame, voxels) }
  }

  func takeFrame() -> Frame<Scalar>? { nil }

  private func decode(into frame: Frame<Scalar>, _ voxels: Range<Int>) throws -> Int {
    let counts = try incoming.decode(into: frame, voxels)
    guard counts.overflowed == 0 else { throw ScanFailure.scaledBeyondRange(counts.overflowed) }
    guard counts.beyondPrecision == 0 else { throw ScanFailure.beyondPrecision(counts.beyondPrecision) }
    guard counts.nonFinite > 0 else { return 0 }
    switch policy {
    case .refuse: throw ScanFailure.nonFinite(counts.nonFinite)
    case .zero: for index in voxels where !frame.voxels[index].isFinite { frame.voxels[index] = 0 }
    case .propagate, .ignore: break
    }
    return counts.nonFinite
  }
}

extension ScanFailure {
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
