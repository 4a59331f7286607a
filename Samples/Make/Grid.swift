import VolumeIO
import Volumes

/// The voxels of a sample: how many, and how far apart in mm, around the head's middle.
struct Grid {
  let shape: Shape
  let spacing: Spacing

  init(_ i: Int, _ j: Int, _ k: Int, spacing: Spacing) throws {
    guard let shape = Shape(i: i, j: j, k: k) else { throw EmptyGrid() }
    self.shape = shape
    self.spacing = spacing
  }

  struct EmptyGrid: Error {}

  /// The phantom's mean over each voxel, by 3×3×3 points in it: edges between tissues fall within voxels.
  func sample(_ phantom: Phantom) -> [Double] {
    var voxels: [Double] = []
    voxels.reserveCapacity(shape.count)
    for k in 0..<shape.k {
      for j in 0..<shape.j {
        for i in 0..<shape.i { voxels.append(mean(of: phantom, at: PerAxis(i, j, k))) }
      }
    }
    return voxels
  }

  private func mean(of phantom: Phantom, at voxel: PerAxis<Int>) -> Double {
    let (x, y, z) = (points(.i, voxel.i), points(.j, voxel.j), points(.k, voxel.k))
    var sum = 0.0
    for z in z { for y in y { for x in x { sum += phantom.intensity(x, y, z) } } }
    return sum / 27
  }

  /// Three points along one axis of a voxel, in mm.
  private func points(_ axis: Axis, _ index: Int) -> [Double] {
    let centre = Double(index) - Double(shape[axis] - 1) / 2
    return [-1.0, 0, 1].map { (centre + $0 / 3) * spacing[axis] }
  }
}
