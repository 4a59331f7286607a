import Volumes

/// A kernel with its largest weight near 1, so that no square over- or underflows; a power of two takes it there, and
/// back, without changing a bit.
struct KernelNearOne {
  let original: DenseKernel
  let kernel: DenseKernel
  /// The original's weights are the kernel's times 2^exponent.
  let exponent: Int

  /// Weights must be finite. Integers stay as they are, unless squares of theirs were too large.
  init(_ kernel: DenseKernel) {
    let largest = kernel.weights.reduce(0) { max($0, $1.magnitude) }
    let exponent = largest > 0 && !(1...0x1p53).contains(largest) ? Int(largest.exponent) : 0
    original = kernel
    self.exponent = exponent
    let weights = kernel.weights.map { Double(sign: .plus, exponent: -exponent, significand: $0) }
    self.kernel = DenseKernel(shape: kernel.shape, weights: weights, origin: kernel.origin)
  }

  /// Terms of the kernel, as terms of the original.
  func restored(_ terms: [PerAxis<Taps?>]) -> [PerAxis<Taps?>] {
    terms.map { $0.scaled(byPowerOfTwo: exponent) }
  }

  /// A number in the units of the kernel, in those of the original.
  func restored(_ value: Double) -> Double { Double(sign: .plus, exponent: exponent, significand: value) }
}
