import Volumes

/// A 3-D kernel as a block of weights, i fastest; 1-D and 2-D kernels have lengths of 1.
///
///     out[n] = Σₜ weights[t] · in[n + t − origin]          (n, t, origin are triples)
package struct DenseKernel: Hashable, Sendable {
  package let shape: Shape
  package let weights: [Double]
  /// The index of the weight that meets the output voxel, per axis.
  package let origin: PerAxis<Int>

  /// `weights.count` must equal `shape.count`.
  package init(shape: Shape, weights: [Double], origin: PerAxis<Int>) {
    precondition(weights.count == shape.count, "weights fill the shape")
    self.shape = shape
    self.weights = weights
    self.origin = origin
  }
}
