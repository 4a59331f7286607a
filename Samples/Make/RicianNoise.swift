/// The noise of magnitude images: two normal errors at right angles, of which the length is taken.
///
/// Gudbjartsson and Patz, doi:10.1002/mrm.1910340618.
struct RicianNoise {
  private let deviation: Double
  private var state: UInt64

  init(deviation: Double, seed: UInt64) {
    self.deviation = deviation
    state = seed
  }

  mutating func added(to signal: Double) -> Double {
    let (real, imaginary) = (signal + deviation * normal(), deviation * normal())
    return (real * real + imaginary * imaginary).squareRoot()
  }

  /// Twelve uniform numbers have variance 1 and are near enough to normal; no logarithm whose last bit a library chooses.
  private mutating func normal() -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + uniform() }
  }

  /// SplitMix64 (doi:10.1145/2660193.2660195), its upper 53 bits.
  private mutating func uniform() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
  }
}
