import Kernels
import Volumes

/// Correlates a line with taps, zeros outside: the definition, as slow as it is.
func correlated(_ line: [Double], with taps: Taps) -> [Double] {
  line.indices.map { n in
    var sum = 0.0
    for (t, weight) in taps.weights.enumerated() {
      let position = n + t - taps.origin
      if line.indices.contains(position) { sum += weight * line[position] }
    }
    return sum
  }
}

/// Correlates a volume with a dense kernel, extended by reflection: the definition again.
func correlated(_ volume: [Double], shape: Shape, with kernel: DenseKernel) -> [Double] {
  var result: [Double] = []
  for k in 0..<shape.k {
    for j in 0..<shape.j {
      for i in 0..<shape.i { result.append(sum(around: PerAxis(i, j, k), of: volume, shape: shape, with: kernel)) }
    }
  }
  return result
}

private func sum(
  around voxel: PerAxis<Int>, of volume: [Double], shape: Shape, with kernel: DenseKernel
) -> Double {
  func source(_ axis: Axis, _ t: Int) -> Int {
    let position = voxel[axis] + t - kernel.origin[axis]
    return Boundary.reflect.source(of: position, length: shape[axis]) ?? 0
  }
  var sum = 0.0
  var weights = kernel.weights.makeIterator()
  for k in 0..<kernel.shape.k {
    for j in 0..<kernel.shape.j {
      for i in 0..<kernel.shape.i {
        let index = source(.i, i) + shape.i * (source(.j, j) + shape.j * source(.k, k))
        sum += (weights.next() ?? 0) * volume[index]
      }
    }
  }
  return sum
}

/// The kernel of one term, weight by weight: an axis without taps is the weight 1 on the output voxel.
func outerProduct(of term: PerAxis<Taps?>) -> [Double] {
  let factors = term.map { $0?.weights ?? [1] }
  return factors.k.flatMap { k in factors.j.flatMap { j in factors.i.map { i in i * j * k } } }
}
