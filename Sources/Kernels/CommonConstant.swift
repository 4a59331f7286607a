/// Weights that are integers times one constant: [1 2 1]/16, or 0.1, 0.2, 0.3 as they are read from a file.
struct CommonConstant {
  let integers: [Double]
  let value: Double
  /// The constant's inverse, where that is an integer: then the weights are quotients by it.
  private let divisor: Double?

  /// The weight that an integer stands for, to the last bit.
  func weight(of integer: Double) -> Double { divisor.map { integer / $0 } ?? integer * value }

  /// `nil` for weights that have no constant in common, and for zeros.
  ///
  /// The smallest weight is taken for 1, 2, … 64 times the constant. Cost: at most 64 looks at the weights, mostly at two
  /// of them.
  init?(of weights: [Double]) {
    let smallest = weights.reduce(Double.infinity) { $1 == 0 ? $0 : min($0, $1.magnitude) }
    guard smallest.isFinite else { return nil }
    for multiple in 1...64 {
      let value = smallest / Double(multiple)
      guard value > 0 else { return nil }
      // A constant that is the inverse of an integer is meant as such: 0.3 is 3 ÷ 10, and not three times 0.1.
      let divisor = (1 / value).rounded()
      if let integers = multiples(in: weights, of: value, restore: { $0 / divisor }) {
        (self.integers, self.value, self.divisor) = (integers, 1 / divisor, divisor)
        return
      }
      if let integers = multiples(in: weights, of: value, restore: { $0 * value }) {
        (self.integers, self.value, self.divisor) = (integers, value, nil)
        return
      }
    }
    return nil
  }
}

/// The weights in units of `value`, if they are integers that `restore` brings back to the last bit.
private func multiples(in weights: [Double], of value: Double, restore: (Double) -> Double) -> [Double]? {
  var integers: [Double] = []
  for weight in weights {
    let integer = (weight / value).rounded()
    // Integers of more than 31 bits would be found in any weights.
    guard integer.magnitude <= 0x1p31, restore(integer) == weight else { return nil }
    integers.append(integer)
  }
  return integers
}
