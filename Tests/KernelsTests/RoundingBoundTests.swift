import Kernels
import Testing
import Volumes

@Suite struct RoundingBoundTests {
  private let taps = Taps(weights: [1, -2, 1], origin: 1)

  @Test func `counts roundings and sizes`() {
    let unit = 0x1p-24
    let term = PerAxis<Taps?>(taps, taps, nil)
    // Two passes of three taps, each tap rounded too: 8 roundings, and Σ|taps| is 4 per pass.
    #expect(roundingBound(of: [term], unit: unit) == 8 * unit / (1 - 8 * unit) * 16)
    // Terms that cancel count with their own sizes, and adding them rounds once more.
    #expect(roundingBound(of: [term, term], unit: unit) == 9 * unit / (1 - 9 * unit) * 32)
  }

  @Test func `is infinite where nothing can be promised`() {
    let long = Taps(weights: Array(repeating: 1, count: 100), origin: 0)
    #expect(roundingBound(of: [PerAxis(long, nil, nil)], unit: 0.01) == .infinity)
  }
}
