import Filtering
import Volumes

/// The voxels of a series, in the order of a file: i fastest, frame after frame. Belongs to one thread.
protocol VoxelStream<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar

  /// Fills voxels of a frame with the next ones of the series.
  ///
  /// - Parameter number: of the series' frame that they belong to, from 0.
  func read(into frame: Frame<Scalar>, _ voxels: Range<Int>, of number: Int) throws

  /// The next frame as it stands in memory, where that belongs to nobody else any more; `nil` where it has to be read.
  func takeFrame() throws -> Frame<Scalar>?
}

/// Voxels of one frame that are done, in the order of a file.
struct Piece<Scalar: ComputeScalar> {
  let frame: Frame<Scalar>
  /// Those of the frame in memory that count.
  let voxels: Range<Int>
  /// Of the frame in its series, from 0.
  let number: Int

  var isWholeFrame: Bool { voxels == 0..<frame.shape.count }
}

/// A segment of a chain at work: what comes out of it, piece by piece.
protocol SegmentRun<Scalar>: AnyObject {
  associatedtype Scalar: ComputeScalar

  /// - Returns: nil behind the last piece.
  func next() throws -> Piece<Scalar>?

  /// Takes a frame that the caller does not need any more; its memory serves again.
  func giveBack(_ frame: Frame<Scalar>)
}

/// What comes out of a segment as the next one reads it; outputs that are wanted at this point of the chain get it too.
final class SegmentStream<Scalar: ComputeScalar>: VoxelStream {
  private let segment: any SegmentRun<Scalar>
  private let tap: (Piece<Scalar>) throws -> Void
  private var current: Piece<Scalar>?
  /// The next voxel of the current piece.
  private var position = 0

  /// - Parameter tap: Sees each piece once.
  init(_ segment: any SegmentRun<Scalar>, tap: @escaping (Piece<Scalar>) throws -> Void) {
    self.segment = segment
    self.tap = tap
  }

  func read(into frame: Frame<Scalar>, _ voxels: Range<Int>, of number: Int) throws {
    var next = voxels.lowerBound
    while next < voxels.upperBound {
      guard let piece = try currentPiece() else { return }
      let count = min(piece.voxels.upperBound - position, voxels.upperBound - next)
      (frame.base + next).update(from: piece.frame.base + position, count: count)
      next += count
      position += count
      guard position == piece.voxels.upperBound else { continue }
      segment.giveBack(piece.frame)
      current = nil
    }
  }

  func takeFrame() throws -> Frame<Scalar>? {
    guard let piece = try currentPiece(), piece.isWholeFrame, position == piece.voxels.lowerBound else { return nil }
    current = nil
    return piece.frame
  }

  private func currentPiece() throws -> Piece<Scalar>? {
    if let current { return current }
    guard let piece = try segment.next() else { return nil }
    try tap(piece)
    position = piece.voxels.lowerBound
    current = piece
    return piece
  }
}
