import Glibc
import Kernels

/// What a kernel does to waves along one axis: |Σ taps[n] · e^(−2πifn)|, f in cycles per voxel.
///
/// For people to look at: `cos`, `sin` and `hypot` are the C library's, so the last digits may differ between machines.
package struct FrequencyResponse: Sendable {
  /// Gains at frequencies from 0 to ½ cycle per voxel (Nyquist), in equal steps.
  package let gains: [Double]
  /// The lowest frequency at which the gain is half of that at 0; `nil` when it never falls so far, and for what takes
  /// away what varies slowly: then the gain at 0 says nothing.
  package private(set) var halfGain: Double?

  private let taps: Taps
  /// Rounding of the sums; what is smaller is 0.
  private let noise: Double

  package init(of taps: Taps) {
    self.taps = taps
    let noise = Double(taps.count) * .ulpOfOne * taps.absoluteSum
    // Fine enough for the lobes of a kernel of some hundred taps, and for a curve; a second for the longest kernel.
    let steps = min(2048, max(256, min(2 * taps.count, (1 << 24) / taps.count)))
    self.noise = noise
    gains = (0...steps).map { Self.gain(of: taps, at: 0.5 * Double($0) / Double(steps), noise: noise) }
    halfGain = halved()
  }

  /// At a frequency in cycles per voxel.
  package func gain(at frequency: Double) -> Double { Self.gain(of: taps, at: frequency, noise: noise) }

  /// O(taps): Horner's rule in e^(−2πif).
  private static func gain(of taps: Taps, at frequency: Double, noise: Double) -> Double {
    guard noise.isFinite else { return .infinity }
    let (cosine, sine) = (cos(2 * .pi * frequency), -sin(2 * .pi * frequency))
    var (real, imaginary) = (0.0, 0.0)
    for weight in taps.weights.reversed() {
      (real, imaginary) = (real * cosine - imaginary * sine + weight, real * sine + imaginary * cosine)
    }
    // Squares of what is very small or large would not fit.
    let gain = hypot(real, imaginary)
    return gain <= noise ? 0 : gain
  }

  /// The frequency of the largest gain, in cycles per voxel, to a step of the curve.
  package var peak: (frequency: Double, gain: Double) {
    let index = gains.indices.max { gains[$0] < gains[$1] } ?? 0
    return (frequency(of: index), gains[index])
  }

  private func frequency(of index: Int) -> Double { 0.5 * Double(index) / Double(gains.count - 1) }

  private func halved() -> Double? {
    let half = gains[0] / 2
    guard half > 0, half > peak.gain / 4, let first = gains.firstIndex(where: { $0 <= half }) else { return nil }
    var (low, high) = (frequency(of: first - 1), frequency(of: first))
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if gain(at: middle) > half { low = middle } else { high = middle }
    }
    return high
  }
}
