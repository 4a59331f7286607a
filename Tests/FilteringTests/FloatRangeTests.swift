import Filtering
import Kernels
import Testing
import Volumes

@Suite struct `The range of Float` {
  private func needsDouble(_ steps: Step...) -> Bool { Chain(steps: steps).needsDouble(absentNonFinite: false) }

  private func step(_ weights: [[Double]], boundary: Boundary = .reflect) -> Step {
    let passes = weights.map { Taps(weights: $0, origin: 0) } + [Taps?](repeating: nil, count: 3 - weights.count)
    let term = SeparableTerm(PerAxis(passes[0], passes[1], passes[2]))
    return .linear(LinearStep(filter: "kernel", kernel: .separable([term]), boundary: boundary))
  }

  private func scale(_ slope: Double, _ intercept: Double = 0) -> Step {
    .pointwise(.scale(slope: slope, intercept: intercept))
  }

  @Test func `holds ordinary weights, zeros, and taps that vanish beside others`() {
    #expect(!needsDouble(step([[1, 2, 1], [3e12], [1e-12, 0]]), scale(0), scale(-1e6, 1e6)))
    #expect(!needsDouble(step([[1, 1e-300]]), step([[0, 0, 0]])))
  }

  @Test(arguments: [1e-50, 1e50, .infinity]) func `does not hold such weights`(weight: Double) throws {
    #expect(needsDouble(step([[weight, weight]])))
    #expect(needsDouble(step([[1], [weight], [1 / weight]])))
    #expect(needsDouble(scale(weight)))
    let shape = try #require(Shape(i: 1))
    let dense = DenseKernel(shape: shape, weights: [weight], origin: PerAxis(all: 0))
    #expect(needsDouble(.linear(LinearStep(filter: "kernel", kernel: .dense(dense), boundary: .wrap))))
  }

  @Test func `is asked of all steps together`() {
    #expect(!needsDouble(step([[1e-10]]), scale(1e10), step([[1e-10]])))
    #expect(needsDouble(step([[1e-10]]), scale(1e-10)))
  }

  @Test func `is asked of numbers that enter a chain`() {
    #expect(needsDouble(step([[1]], boundary: .constant(1e30))))
    #expect(needsDouble(scale(1, -1e30)))
    #expect(needsDouble(.pointwise(.threshold(lower: 0, upper: nil, outside: 1e30))))
    #expect(!needsDouble(.pointwise(.threshold(lower: -1e300, upper: 1e300, outside: .nan))))
  }

  @Test func `does not count small terms of a sum`() {
    let large = SeparableTerm(PerAxis(Taps(weights: [1, 1], origin: 0), nil, nil))
    let small = SeparableTerm(PerAxis(Taps(weights: [1e-30, 1], origin: 0), Taps(weights: [1e-25], origin: 0), nil))
    let step = LinearStep(filter: "kernel", kernel: .separable([large, small]), boundary: .reflect)
    #expect(!needsDouble(.linear(step)))
  }

  @Test func `is not what a long mean inside a mask needs`() throws {
    let shape = try #require(Shape(i: 2))
    let mask = MaskedConvolution(mask: Mask(shape: shape, inside: [1, 0]), outside: .keep, minimumWeight: 1e-9)
    for (count, isLong) in [(21, false), (22, true)] {
      let taps = Taps(weights: [Double](repeating: 1, count: count) + [0], origin: 0)
      let kernel = LinearKernel.separable([SeparableTerm(PerAxis(all: taps))])
      let plain = LinearStep(filter: "box", kernel: kernel, boundary: .renormalise)
      let masked = LinearStep(filter: "box", kernel: kernel, boundary: .reflect, mask: mask)
      #expect(!needsDouble(.linear(plain)) && needsDouble(.linear(masked)) == isLong)
    }
  }
}
