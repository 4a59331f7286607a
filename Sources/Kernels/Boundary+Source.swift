extension Boundary {
  /// The name as the job file writes it; the value of `constant` stands under a key of its own.
  package var name: String {
    switch self {
    case .reflect: "reflect"
    case .mirror: "mirror"
    case .nearest: "nearest"
    case .wrap: "wrap"
    case .constant: "constant"
    case .renormalise: "renormalise"
    }
  }

  /// The voxel of a line that stands in for `position`, which may lie any distance before or behind the line.
  ///
  /// - Parameter length: Voxels in the line: 1 or more, and fewer than 2⁶² so that a period of 2 · length fits.
  /// - Returns: An index in `0..<length`; `nil` where the boundary has no voxel to offer (`constant`, `renormalise`).
  package func source(of position: Int, length: Int) -> Int? {
    if (0..<length).contains(position) { return position }
    switch self {
    case .reflect:
      // One period is the line and its mirror image: a b c d d c b a.
      let phase = remainder(of: position, by: 2 * length)
      return min(phase, 2 * length - 1 - phase)
    case .mirror:
      // The edge voxels are not repeated: a b c d c b. A line of one voxel is all edge, and repeats.
      let period = max(2 * length - 2, 1)
      let phase = remainder(of: position, by: period)
      return min(phase, period - phase)
    case .nearest: return position < 0 ? 0 : length - 1
    case .wrap: return remainder(of: position, by: length)
    case .constant, .renormalise: return nil
    }
  }
}

/// The remainder that is never negative, whatever the sign of `value`; `divisor` is positive.
private func remainder(of value: Int, by divisor: Int) -> Int {
  let truncated = value % divisor
  return truncated < 0 ? truncated + divisor : truncated
}
