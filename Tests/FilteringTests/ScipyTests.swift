import Filtering
import Foundation
import Kernels
import Testing
import Volumes

/// Golden results of scipy.ndimage; Golden/make.py says how they were made.
@Suite struct `Filtering agrees with scipy` {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

  private struct Golden {
    let shape: Shape
    let names: [String]
    let numbers: [Double]

    var input: ArraySlice<Double> { numbers[..<shape.count] }

    func result(_ name: String) throws -> Reference {
      let place = try #require(names.firstIndex(of: name)) + 1
      return Reference(shape: shape, voxels: Array(numbers[place * shape.count..<(place + 1) * shape.count]))
    }
  }

  private func golden() throws -> Golden {
    let text = try String(contentsOf: folder.appendingPathComponent("scipy.txt"), encoding: .utf8)
    let data = try Data(contentsOf: folder.appendingPathComponent("scipy.bin"))
    let numbers = data.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 8).map {
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
      }
    }
    let names = text.split(separator: "\n").dropFirst().map(String.init)
    let shape = try #require(Shape(i: 11, j: 7, k: 5))
    try #require(numbers.count == shape.count * (names.count + 1))
    return Golden(shape: shape, names: names, numbers: numbers)
  }

  /// The taps and the block of weights of make.py; scipy's origin counts from the middle one.
  private var separable: Passes {
    Passes(
      Taps(weights: [1, -2, 3, 0.5, 4], origin: 2 + 1), Taps(weights: [2, 1, -1, 0.25], origin: 2 - 2),
      Taps(weights: [0.5, 3, 1], origin: 1))
  }

  /// The sum of terms of make.py.
  private var terms: [Passes] {
    let (a, b, c) = (separable.i, separable.j, separable.k)
    return [Passes(a, b, c), Passes(b, nil, c), Passes(a, c, b)]
  }

  private func dense() throws -> DenseKernel {
    DenseKernel(
      shape: try #require(Shape(i: 4, j: 3, k: 2)), weights: (0..<24).map { Double($0 % 7) - 2.5 },
      origin: PerAxis(2 + 1, 1 - 1, 1))
  }

  private func gaussian() throws -> Passes {
    Passes(
      try Gaussian.taps(sigma: 2.3, order: 0, truncate: 4), try Gaussian.taps(sigma: 1.1, order: 0, truncate: 4),
      try Gaussian.taps(sigma: 0.6, order: 0, truncate: 4))
  }

  @Test(arguments: [Boundary.reflect, .mirror, .nearest, .wrap, .constant(0.75)])
  func `at every boundary`(boundary: Boundary) throws {
    let golden = try golden()
    let chains = [
      ("separable", Chain.linear([separable], boundary)), ("dense", .linear(try dense(), boundary)),
      ("gaussian", .linear([try gaussian()], boundary)), ("terms", .linear(terms, boundary)),
    ]
    for (name, chain) in chains {
      let expected = try golden.result("\(name) \(boundary.name)")
      let largest = expected.voxels.map(abs).max() ?? 1
      #expect(try distance(filtered(golden, chain, Double.self), expected) <= 1e-14 * largest, "\(name)")
      #expect(try distance(filtered(golden, chain, Float.self), expected) <= 1e-6 * largest, "\(name)")
    }
  }

  private func filtered<S: ComputeScalar>(_ golden: Golden, _ chain: Chain, _ scalar: S.Type) throws -> Frame<S> {
    let frame = try Frame<S>(shape: golden.shape)
    for (voxel, value) in golden.input.enumerated() { frame.voxels[voxel] = S(value) }
    return try Engine(threads: 2).apply(chain, to: frame, absentNonFinite: false)
  }
}
