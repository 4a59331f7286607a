import Glibc
import Kernels
import Volumes

/// A dense kernel, and what to call it.
struct NamedKernel {
  let name: String
  let weights: DenseKernel

  /// - Parameter weight: at distances from the middle. The squares of all weights are made to sum to one, so that noise
  ///   that is filtered again and again does not fade into subnormal numbers, which take longer.
  init(_ name: String, _ lengths: PerAxis<Int>, weight: (PerAxis<Double>) -> Double) throws {
    guard let shape = Shape(i: lengths.i, j: lengths.j, k: lengths.k) else { throw OutOfMemory(bytes: .max) }
    let weights = (0..<shape.count).map { place in
      let position = PerAxis(place % shape.i, place / shape.i % shape.j, place / shape.slice)
      return weight(PerAxis(.i, .j, .k).map { Double(position[$0]) - Double(shape[$0] - 1) / 2 })
    }
    let norm = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
    self.name = name
    self.weights = DenseKernel(shape: shape, weights: weights.map { $0 / norm }, origin: lengths.map { $0 / 2 })
  }
}

/// Kernels that are no outer product: the ones that people filter with, and some that have no structure.
enum KernelGallery {
  static func all() throws -> [NamedKernel] {
    try balls() + discs() + laplacians() + gabors() + noise()
  }

  private static func balls() throws -> [NamedKernel] {
    try (1...10).map { radius in
      try NamedKernel("ball of radius \(radius)", PerAxis(all: 2 * radius + 1)) { isWithin(radius, $0) ? 1 : 0 }
    }
  }

  private static func discs() throws -> [NamedKernel] {
    try [2, 4, 7, 10].map { radius in
      let size = 2 * radius + 1
      return try NamedKernel("disc of radius \(radius)", PerAxis(size, size, 1)) { isWithin(radius, $0) ? 1 : 0 }
    }
  }

  private static func isWithin(_ radius: Int, _ at: PerAxis<Double>) -> Bool {
    squaredLength(at) <= Double(radius * radius)
  }

  private static func laplacians() throws -> [NamedKernel] {
    try [(1.0, 9), (1.5, 13), (2.0, 17)].map { sigma, size in
      try NamedKernel("Laplacian of a Gaussian, σ \(sigma)", PerAxis(all: size)) { at in
        let square = squaredLength(at) / (sigma * sigma)
        return (square - 3) * exp(-square / 2)
      }
    }
  }

  private static func gabors() throws -> [NamedKernel] {
    try [5, 7, 9, 11, 13, 15].map { size in
      try NamedKernel("Gabor of \(size)³ across all axes", PerAxis(all: size)) { at in
        let sigma = Double(size) / 5
        return exp(-squaredLength(at) / (2 * sigma * sigma)) * cos(2 * (at.i + 0.7 * at.j + 0.4 * at.k) / sigma + 0.3)
      }
    }
  }

  private static func noise() throws -> [NamedKernel] {
    var state: UInt64 = 1
    return try (3...15).map { size in
      try NamedKernel("random, \(size)³", PerAxis(all: size)) { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) * 0x1p-53
      }
    }
  }

  private static func squaredLength(_ at: PerAxis<Double>) -> Double { at.i * at.i + at.j * at.j + at.k * at.k }
}
