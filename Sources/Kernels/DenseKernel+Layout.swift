import Volumes

extension Shape {
  /// The axes that factoring looks at: those longer than 1, or i when there is none.
  var factoredAxes: [Axis] {
    let long = Axis.allCases.filter { self[$0] > 1 }
    return long.isEmpty ? [.i] : long
  }

  /// Where a weight lies in memory.
  func index(of position: PerAxis<Int>) -> Int { position.i + i * (position.j + j * position.k) }

  /// The weight's indices along i, j and k; the inverse of `index(of:)`.
  func position(of index: Int) -> PerAxis<Int> { PerAxis(index % i, index / i % j, index / slice) }
}
