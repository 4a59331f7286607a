/// A sum that is 0 when it is no more than the rounding of its parts: antisymmetric weights sum to 0, not to 1e-20.
package struct RoundedSum {
  private var sum = 0.0
  private var size = 0.0
  private var count = 0

  package init() {}

  package mutating func add(_ part: Double) {
    sum += part
    size += part.magnitude
    count += 1
  }

  package var value: Double { sum.magnitude <= Double(count) * .ulpOfOne / 2 * size && size.isFinite ? 0 : sum }
}

extension Taps {
  package var roundedSum: Double {
    var total = RoundedSum()
    for weight in weights { total.add(weight) }
    return total.value
  }
}
