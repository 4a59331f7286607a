/// Which voxel of a neighbourhood becomes the result, once they are in order.
package enum Rank: Hashable, Sendable {
  case minimum, maximum
  /// The upper one of the two in the middle where the count is even, as `scipy.ndimage.median_filter` has it.
  case median
  /// 0 … 100; `scipy.ndimage.percentile_filter` by the same number.
  case percentile(Double)

  /// What tells it from others, for a digest.
  var numbers: [Double?] {
    switch self {
    case .minimum: [0, nil]
    case .maximum: [1, nil]
    case .median: [2, nil]
    case .percentile(let percent): [3, percent]
    }
  }

  /// The place among `count` voxels in ascending order, from 0; 0 if there are none.
  ///
  /// It is rounded down, as in `scipy.ndimage`: ⌊count · percent / 100⌋, and the last one for 100.
  package func place(among count: Int) -> Int {
    guard count > 0 else { return 0 }
    switch self {
    case .minimum: return 0
    case .maximum: return count - 1
    case .median: return count / 2
    case .percentile(let percent):
      let place = Double(count) * percent / 100
      // Also where rounding brings a product up to the count, and for what is no percentage.
      guard place < Double(count) else { return count - 1 }
      return place > 0 ? Int(place) : 0
    }
  }
}
