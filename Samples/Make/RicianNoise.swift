import SeededNumbers

/// The noise of magnitude images: two normal errors at right angles, of which the length is taken.
///
/// Gudbjartsson and Patz, doi:10.1002/mrm.1910340618.
struct RicianNoise {
  private let deviation: Double
  private var numbers: SeededNumbers

  init(deviation: Double, seed: UInt64) {
    self.deviation = deviation
    numbers = SeededNumbers(seed: seed)
  }

  mutating func added(to signal: Double) -> Double {
    let (real, imaginary) = (signal + deviation * normal(), deviation * normal())
    return (real * real + imaginary * imaginary).squareRoot()
  }

  /// Twelve uniform numbers have variance 1 and are near enough to normal; no logarithm whose last bit a library chooses.
  private mutating func normal() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
  }

  /// From 0 up to 1, of the upper 53 bits.
  private mutating func uniform() -> Double { Double(numbers.next() >> 11) * 0x1p-53 }
}
