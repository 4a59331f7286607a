import Filtering
import Kernels
import Volumes

/// A kernel that can be applied both ways, with weights that sum to one.
struct BenchKernel {
  let name: String
  let term: SeparableTerm
  let dense: DenseKernel

  /// Gaussian-like taps: the time does not depend on them, but filtering frame after frame must stay finite.
  init(_ name: String, i: Int, j: Int, k: Int) throws {
    let taps = PerAxis(i, j, k).map { count in
      let weights = (0..<count).map { Double(1 + min($0, count - 1 - $0)) }
      let sum = weights.reduce(0, +)
      return Taps(weights: weights.map { $0 / sum }, origin: count / 2)
    }
    guard let shape = Shape(i: i, j: j, k: k) else { throw OutOfMemory(bytes: .max) }
    var weights: [Double] = []
    for z in taps.k.weights { for y in taps.j.weights { for x in taps.i.weights { weights.append(x * y * z) } } }
    self.name = name
    // An axis of one tap is left alone.
    term = SeparableTerm(taps.map { $0.count > 1 ? $0 : nil })
    dense = DenseKernel(shape: shape, weights: weights, origin: taps.map(\.origin))
  }

  static func cube(_ size: Int) throws -> BenchKernel {
    try BenchKernel("\(size)×\(size)×\(size)", i: size, j: size, k: size)
  }

  static func slice(_ size: Int) throws -> BenchKernel { try BenchKernel("\(size)×\(size)", i: size, j: size, k: 1) }

  /// Fused multiply-adds per voxel, both ways.
  var denseMultiplies: Int { dense.weights.count }
  var separatedMultiplies: Int { term.passes.array.reduce(0) { $0 + ($1?.count ?? 0) } }
}
