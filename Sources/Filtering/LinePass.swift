import CHotLoops
import Kernels
import Volumes

/// Which voxels the taps of a pass meet along one axis.
///
/// The line is seen as extended at both ends: position p of the extended line is position p − origin of the line.
struct LineExtension: Sendable {
  /// Voxels of the line itself.
  let length: Int
  /// For each voxel of the extended line (length + taps − 1 of them) the voxel that stands in for it; −1 is outside.
  let sources: [Int]
  /// Where the sources are the line itself.
  let copied: Range<Int>

  init(length: Int, taps: Int, origin: Int, boundary: Boundary) {
    self.length = length
    let extended = length + taps - 1
    sources = (0..<extended).map { boundary.source(of: $0 - origin, length: length) ?? -1 }
    let first = min(max(origin, 0), extended)
    copied = first..<max(first, min(origin + length, extended))
  }

  /// As C wants it; valid while `body` runs.
  func withForm(outside: UnsafeRawPointer, _ body: (UnsafePointer<chotloops_extension>) -> Void) {
    sources.withUnsafeBufferPointer { sources in
      guard let first = sources.baseAddress else { return }
      var form = chotloops_extension(
        source: first, length: sources.count, copied_from: copied.lowerBound, copied_to: copied.upperBound,
        constant: outside)
      body(&form)
    }
  }
}

/// One pass, ready to run on every line of a frame along one axis.
struct LinePass<S: ComputeScalar>: Sendable {
  let weights: [S]
  let reach: LineExtension
  /// What the taps meet outside, where the boundary has no voxel to offer.
  let outside: S

  init(_ taps: Taps, length: Int, boundary: Boundary, outside: S) {
    weights = taps.weights.map { S($0) }
    reach = LineExtension(length: length, taps: taps.count, origin: taps.origin, boundary: boundary)
    self.outside = outside
  }

  /// The pass that changes nothing.
  static func identity(length: Int) -> LinePass {
    LinePass(Taps(weights: [1], origin: 0), length: length, boundary: .nearest, outside: 0)
  }

  /// What the pass makes of a line that holds nothing but `outside`, with the roundings of the hot loops. It is what the
  /// next axis finds outside, so that a constant boundary gives the bits of a frame that was padded beforehand.
  var outsideOfNext: S {
    var sum: S = -0.0
    for weight in weights { sum.addProduct(weight, outside) }
    return sum
  }

  /// The weights as C wants them; valid while `body` runs.
  func withTaps(_ body: (chotloops_taps) -> Void) {
    weights.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      body(chotloops_taps(weights: first, count: weights.count))
    }
  }
}
