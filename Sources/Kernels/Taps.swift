/// A 1-D kernel: the weights of one pass.
///
///     out[n] = Σₜ weights[t] · in[n + t − origin]
///
/// The operation is correlation; convolution flips the weights when planning.
package struct Taps: Hashable, Sendable {
  package let weights: [Double]
  /// The index of the weight that meets the output voxel, counted from 0; it may lie outside the weights.
  package let origin: Int

  package init(weights: [Double], origin: Int) {
    self.weights = weights
    self.origin = origin
  }

  package var count: Int { weights.count }
}
