import CHotLoops
import Kernels
import Volumes

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

  /// The pass that changes nothing, not even what is outside.
  static func identity(length: Int, outside: S = 0) -> LinePass {
    LinePass(Taps(weights: [1], origin: 0), length: length, boundary: .nearest, outside: outside)
  }

  /// What the pass makes of a line that holds nothing but `outside`, with the roundings of the hot loops. It is what
  /// the next axis finds outside, so that a constant boundary gives the bits of a frame that was padded beforehand.
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
