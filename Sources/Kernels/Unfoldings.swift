import Volumes

/// A kernel as a matrix for each of its axes, the weights along that axis × all others, taken apart.
///
/// The rank of the i unfolding is the number of different vectors along i that any sum of terms needs; likewise j and k.
/// So no sum has fewer terms than the largest of the three ranks; in 3-D the shortest may have more.
struct Unfoldings {
  /// The singular values along each axis, falling; none along an axis of length 1, unless the kernel is a single weight.
  private(set) var spectra = PerAxis<[Double]>(all: [])
  /// The unit vectors along each axis that belong to them.
  private(set) var bases = PerAxis<[[Double]]>(all: [])

  /// - Parameter weights: i fastest, the largest near 1, all finite.
  init(of weights: [Double], shape: Shape) { self.init(of: weights, shape: shape, check: neverStopped) }

  init<Stop: Error>(of weights: [Double], shape: Shape, check: StopCheck<Stop>) throws(Stop) {
    let axes = shape.factoredAxes
    guard axes.count > 1 else {
      spectra[axes[0]] = [norm(weights)]
      bases[axes[0]] = [weights]
      return
    }
    guard axes.count > 2 else {
      // The two unfoldings are one matrix and its transpose.
      let split = try SingularValues(of: unfolding(of: weights, shape: shape, along: axes[0]), check: check)
      (spectra[axes[0]], spectra[axes[1]]) = (split.values, split.values)
      (bases[axes[0]], bases[axes[1]]) = (split.left, split.right)
      return
    }
    for axis in axes {
      let split = try SingularValues(of: unfolding(of: weights, shape: shape, along: axis), check: check)
      spectra[axis] = split.values
      bases[axis] = split.left
    }
  }
}

/// The matrix whose columns are the lines of weights along an axis.
func unfolding(of weights: [Double], shape: Shape, along axis: Axis) -> Matrix {
  let stride = PerAxis(1, shape.i, shape.slice)[axis]
  let length = shape[axis]
  var elements: [Double] = []
  elements.reserveCapacity(weights.count)
  for start in weights.indices where start / stride % length == 0 {
    for step in 0..<length { elements.append(weights[start + step * stride]) }
  }
  return Matrix(rows: length, columns: weights.count / length, elements: elements)
}
