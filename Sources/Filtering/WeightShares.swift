import CHotLoops
import Kernels
import Volumes

/// The weight that a separable kernel has inside the frame, for each voxel: the product of one share per axis.
///
/// Dividing by it is `renormalise` for a single term, without filtering a frame of ones.
struct WeightShares<S: ComputeScalar>: Sendable {
  private let shape: Shape
  private let shares: PerAxis<[Double]>
  private let alongLine: [S]

  init(_ term: SeparableTerm, shape: Shape) {
    self.shape = shape
    func shares(_ axis: Axis) -> [Double] {
      guard let taps = term.passes[axis] else { return Array(repeating: 1, count: shape[axis]) }
      // The weights as the hot loops have them, so that a constant is divided by what it was multiplied by.
      let weights = taps.weights.map { Double(S($0)) }
      return (0..<shape[axis]).map { voxel in
        let first = voxel - taps.origin
        let inside = max(0, -first)..<max(0, -first, min(weights.count, shape[axis] - first))
        return weights[inside.clamped(to: 0..<weights.count)].reduce(0, +)
      }
    }
    self.shares = PerAxis(shares(.i), shares(.j), shares(.k))
    alongLine = self.shares.i.map { S($0) }
  }

  /// One division per voxel. Where no weight is inside, 0 / 0 is NaN.
  func divide(_ frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    let loops = runner.loops
    try runner.engine.forEachPiece(of: shape.k) { _, slice in
      alongLine.withUnsafeBytes { bytes in
        guard let line = bytes.baseAddress else { return }
        for j in 0..<shape.j {
          withUnsafePointer(to: S(shares.j[j] * shares.k[slice])) { across in
            loops.call.divide(frame.base + (slice * shape.j + j) * shape.i, line, across, shape.i)
          }
        }
      }
    }
  }
}
