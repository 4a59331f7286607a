extension Taps {
  /// The gain for a constant line. Added in the order of the taps, as the hot loops do.
  package var sum: Double { weights.reduce(0, +) }

  /// The gain for the line that agrees with every tap in sign: no output exceeds this times max|x|.
  package var absoluteSum: Double { weights.reduce(0) { $0 + $1.magnitude } }

  /// The taps of the other operation: correlating with them is convolving with these, and the reverse.
  ///
  /// - Precondition: The origin is an index that someone might mean: within ±2⁶².
  package func flipped() -> Taps {
    Taps(weights: weights.reversed(), origin: count - 1 - origin)
  }

  /// The standard deviation of the taps as a distribution, in voxels: what sampling and truncation left of sigma.
  ///
  /// `nil` when a tap is negative or all are zero, for then they are no distribution; and when their sum is too large.
  package var realisedSigma: Double? {
    guard weights.allSatisfy({ $0 >= 0 }), sum > 0, sum.isFinite else { return nil }
    let mean = moment { Double($0) }
    return moment { (Double($0) - mean) * (Double($0) - mean) }.squareRoot()
  }

  /// The full width at half maximum of a Gaussian with that standard deviation, in voxels.
  package var realisedFWHM: Double? { realisedSigma.map { $0 * Gaussian.fwhmPerSigma } }

  /// The mean of `value(index)` under the taps.
  private func moment(of value: (Int) -> Double) -> Double {
    var total = 0.0
    for (index, weight) in weights.enumerated() { total += weight * value(index) }
    return total / sum
  }
}
