/// The running mean: equal weights that sum to 1.
package enum Box {
  /// The largest size in voxels, the number of taps of the largest Gaussian.
  package static let largestSize = 65_535

  /// `size` taps of 1/size. An even box reaches one voxel further back than forth, as in `scipy.ndimage`.
  package static func taps(size: Int) throws(KernelFailure) -> Taps {
    guard (1...largestSize).contains(size) else {
      throw KernelFailure("box size", expected: "1 to \(largestSize) voxels", found: "\(size)")
    }
    return Taps(weights: Array(repeating: 1 / Double(size), count: size), origin: size / 2)
  }

  /// The odd size nearest to a width in voxels, the larger one for an even width; `Int.max` when that is no Int.
  ///
  /// Odd, because only an odd box has a centre voxel and leaves the image where it is.
  package static func size(width: Double) -> Int {
    guard width >= 2 else { return width.isNaN ? .max : 1 }
    return Int(exactly: 2 * (width / 2).rounded(.down) + 1) ?? .max
  }
}
