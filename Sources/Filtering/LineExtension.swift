import CHotLoops
import Kernels

/// Which voxels the taps of a pass meet along one axis.
///
/// The line is seen as extended at both ends: position p of the extended line is position p − origin of the line.
struct LineExtension: Sendable {
  /// Voxels of the line itself.
  let length: Int
  /// Voxels of the extended line: length + taps − 1.
  let count: Int
  private let origin: Int
  private let boundary: Boundary
  /// The sources before and behind the part that is the line itself; −1 is outside. One more follows that nobody looks
  /// at, because an array without elements has no address for C.
  private let edges: [Int]
  /// Where the extended line is the line itself; may be empty, with an origin far away.
  private let copied: Range<Int>

  init(length: Int, taps: Int, origin: Int, boundary: Boundary) {
    let count = length + taps - 1
    let first = min(max(origin, 0), count)
    let copied = first..<max(first, min(origin + length, count))
    func source(_ position: Int) -> Int { boundary.source(of: position - origin, length: length) ?? -1 }
    edges = (0..<copied.lowerBound).map(source) + (copied.upperBound..<count).map(source) + [-1]
    self.length = length
    self.count = count
    self.origin = origin
    self.boundary = boundary
    self.copied = copied
  }

  /// The voxel that stands at a position of the extended line; −1 is outside.
  func source(at position: Int) -> Int { boundary.source(of: position - origin, length: length) ?? -1 }

  /// The extension as C wants it; valid while `body` runs.
  func withForm(outside: UnsafeRawPointer, _ body: (UnsafePointer<chotloops_extension>) -> Void) {
    edges.withUnsafeBufferPointer { edges in
      guard let first = edges.baseAddress else { return }
      var form = chotloops_extension(
        edges: first, head: copied.lowerBound, first: copied.lowerBound - origin, copied: copied.count,
        tail: count - copied.upperBound, constant: outside)
      body(&form)
    }
  }
}
