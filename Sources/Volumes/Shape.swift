/// The lengths of one frame along i, j and k, in voxels; `count` is known to fit.
package struct Shape: Hashable, Sendable {
  package let i: Int
  package let j: Int
  package let k: Int
  /// i · j · k.
  package let count: Int

  /// `nil` when a length is below 1 or the product does not fit into 62 bits (so that bytes fit into 64).
  package init?(i: Int, j: Int = 1, k: Int = 1) {
    guard i >= 1, j >= 1, k >= 1 else { return nil }
    let (plane, overflowed) = i.multipliedReportingOverflow(by: j)
    let (volume, overflowedAgain) = plane.multipliedReportingOverflow(by: k)
    guard !overflowed, !overflowedAgain, volume < 1 << 59 else { return nil }
    self.i = i
    self.j = j
    self.k = k
    self.count = volume
  }

  package subscript(axis: Axis) -> Int { lengths[axis] }

  package var lengths: PerAxis<Int> { PerAxis(i, j, k) }

  /// Voxels in one slice, the (i, j) plane.
  package var slice: Int { i * j }
}

extension Shape: CustomStringConvertible {
  package var description: String { "\(i)×\(j)×\(k)" }
}
