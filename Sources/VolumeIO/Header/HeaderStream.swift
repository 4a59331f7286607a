import ByteStreams
import Volumes

/// The bytes in front of the voxels, taken from a source that is read only once.
///
/// Memory grows with what arrives, never with what a header claims.
struct HeaderStream {
  private let source: any ByteSource
  private(set) var consumed = 0

  init(_ source: any ByteSource) { self.source = source }

  /// The next `count` bytes, or fewer at the end.
  mutating func take(upTo count: Int) throws(ScanFailure) -> [UInt8] {
    var taken: [UInt8] = []
    while taken.count < count {
      let piece = try nextPiece(upTo: count - taken.count)
      if piece.isEmpty { break }
      taken += piece
    }
    return taken
  }

  /// Reads `count` bytes away and tells how many of them there were, and how many were not zero.
  mutating func skip(_ count: Int) throws(ScanFailure) -> (skipped: Int, notZero: Int) {
    var skipped = 0
    var notZero = 0
    while skipped < count {
      let piece = try nextPiece(upTo: count - skipped)
      if piece.isEmpty { break }
      skipped += piece.count
      notZero += piece.count { $0 != 0 }
    }
    return (skipped, notZero)
  }

  private mutating func nextPiece(upTo count: Int) throws(ScanFailure) -> [UInt8] {
    let piece = try source.readBytes(atMost: min(count, 1 << 16))
    consumed += piece.count
    return piece
  }
}
