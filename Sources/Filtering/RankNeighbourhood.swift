import Kernels
import Volumes

/// Which voxels around a voxel a rank filter looks at: a box, or a ball.
package struct RankNeighbourhood: Hashable, Sendable {
  /// The bounding box, in voxels.
  package let shape: Shape
  /// The squares of spacing/radius along i, j and k, if it is a ball; a distance is at most 1.
  private let ball: PerAxis<Double>?

  /// A bounding box of more voxels than this is refused: a search among them takes a millisecond or more.
  package static let mostVoxels = 1 << 20

  /// All voxels of a box. A box of an even size reaches one voxel further back than forth, as in `scipy.ndimage`.
  ///
  /// - Returns: `nil` for a size below 1 or for more than `mostVoxels`.
  package init?(box i: Int, _ j: Int, _ k: Int) {
    guard let shape = Shape(i: i, j: j, k: k), shape.count <= RankNeighbourhood.mostVoxels else { return nil }
    self.shape = shape
    ball = nil
  }

  /// The voxels whose centres are within `radius` of the voxel's: Σ(d · spacing)² ≤ radius² · (1 + 10⁻⁹).
  ///
  /// - Parameters:
  ///   - radius: in mm, at least 0.
  ///   - spacing: in mm per voxel, above 0.
  /// - Returns: `nil` for numbers that are out of these ranges, and for a bounding box of more than `mostVoxels`.
  package init?(ballOf radius: Double, spacing: PerAxis<Double>) {
    guard radius >= 0, radius.isFinite, spacing.array.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let reach = spacing.map { (radius * (1 + 0.5e-9) / $0).rounded(.down) }
    guard reach.array.allSatisfy({ $0 < Double(RankNeighbourhood.mostVoxels) }) else { return nil }
    let size = reach.map { 2 * Int($0) + 1 }
    guard let shape = Shape(i: size.i, j: size.j, k: size.k), shape.count <= RankNeighbourhood.mostVoxels else {
      return nil
    }
    self.shape = shape
    ball = radius > 0 ? spacing.map { ($0 / radius) * ($0 / radius) } : PerAxis(all: 0)
  }

  /// The place of the voxel itself in the bounding box.
  package var origin: PerAxis<Int> { shape.lengths.map { $0 / 2 } }

  /// How many voxels it reaches back and forth along each axis: what a slab needs beside the slices it is asked for.
  package var halo: PerAxis<(back: Int, forth: Int)> { shape.lengths.map { ($0 / 2, ($0 - 1) / 2) } }

  /// Whether it has all voxels of its bounding box.
  var isBox: Bool { ball == nil }

  /// Whether a place of the bounding box belongs to it.
  package func contains(_ i: Int, _ j: Int, _ k: Int) -> Bool {
    guard let ball else { return true }
    func square(_ place: Int, _ size: Int) -> Double { Double((place - size / 2) * (place - size / 2)) }
    let distance = square(i, shape.i) * ball.i + square(j, shape.j) * ball.j + square(k, shape.k) * ball.k
    return distance <= 1 + 1e-9
  }

  /// The places in the bounding box, i fastest.
  package var places: [PerAxis<Int>] {
    (0..<shape.count).map { PerAxis($0 % shape.i, $0 / shape.i % shape.j, $0 / shape.slice) }
      .filter { contains($0.i, $0.j, $0.k) }
  }
}
