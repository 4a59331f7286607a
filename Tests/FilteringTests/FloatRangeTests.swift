import Filtering
import Filters
import Kernels
import Testing
import Volumes

@Suite struct `The range of Float` {
  private func needsDouble(_ operations: any Filtering.Operation...) throws -> Bool {
    Chain(operations).needsDouble(in: try Engine(threads: 1))
  }

  private func step(_ weights: [[Double]], boundary: Boundary = .reflect) -> any Filtering.Operation {
    let passes = weights.map { Taps(weights: $0, origin: 0) } + [Taps?](repeating: nil, count: 3 - weights.count)
    let term = SeparableTerm(PerAxis(passes[0], passes[1], passes[2]))
    return LinearOperation(filter: "kernel", kernel: .separable([term]), boundary: boundary)
  }

  private func scale(_ slope: Double, _ intercept: Double = 0) -> any Filtering.Operation {
    Scale(slope: slope, intercept: intercept)
  }

  @Test func `holds ordinary weights, zeros, and taps that vanish beside others`() throws {
    #expect(try !needsDouble(step([[1, 2, 1], [3e12], [1e-12, 0]]), scale(0), scale(-1e6, 1e6)))
    #expect(try !needsDouble(step([[1, 1e-300]]), step([[0, 0, 0]])))
  }

  @Test(arguments: [1e-50, 1e50, .infinity]) func `does not hold such weights`(weight: Double) throws {
    #expect(try needsDouble(step([[weight, weight]])))
    #expect(try needsDouble(step([[1], [weight], [1 / weight]])))
    #expect(try needsDouble(scale(weight)))
    let shape = try #require(Shape(i: 1))
    let dense = DenseKernel(shape: shape, weights: [weight], origin: PerAxis(all: 0))
    #expect(try needsDouble(LinearOperation(filter: "kernel", kernel: .dense(dense), boundary: .wrap)))
  }

  @Test func `is asked of all operations together`() throws {
    #expect(try !needsDouble(step([[1e-10]]), scale(1e10), step([[1e-10]])))
    #expect(try needsDouble(step([[1e-10]]), scale(1e-10)))
  }

  @Test func `is asked of numbers that enter a chain`() throws {
    #expect(try needsDouble(step([[1]], boundary: .constant(1e30))))
    #expect(try needsDouble(scale(1, -1e30)))
    #expect(try needsDouble(Threshold(lower: 0, upper: nil, outside: 1e30)))
    #expect(try !needsDouble(Threshold(lower: -1e300, upper: 1e300, outside: .nan)))
  }

  @Test func `does not count small terms of a sum`() throws {
    let large = SeparableTerm(PerAxis(Taps(weights: [1, 1], origin: 0), nil, nil))
    let small = SeparableTerm(PerAxis(Taps(weights: [1e-30, 1], origin: 0), Taps(weights: [1e-25], origin: 0), nil))
    let operation = LinearOperation(filter: "kernel", kernel: .separable([large, small]), boundary: .reflect)
    #expect(try !needsDouble(operation))
  }

  @Test func `is not what a long mean inside a mask needs`() throws {
    let shape = try #require(Shape(i: 2))
    let mask = MaskedConvolution(mask: Mask(shape: shape, inside: [1, 0]), outside: .keep, minimumWeight: 1e-9)
    for (count, isLong) in [(21, false), (22, true)] {
      let taps = Taps(weights: [Double](repeating: 1, count: count) + [0], origin: 0)
      let kernel = LinearKernel.separable([SeparableTerm(PerAxis(all: taps))])
      let plain = LinearOperation(filter: "box", kernel: kernel, boundary: .renormalise)
      let masked = LinearOperation(filter: "box", kernel: kernel, boundary: .reflect, mask: mask)
      #expect(try !needsDouble(plain) && needsDouble(masked) == isLong)
    }
  }
}
