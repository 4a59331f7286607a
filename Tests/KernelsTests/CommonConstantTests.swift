import Kernels
import SeededNumbers
import Testing
import Volumes

@Suite struct CommonConstantTests {
  private func constant(_ weights: [Double], _ i: Int, _ j: Int = 1) throws -> Factorisation {
    let shape = try #require(Shape(i: i, j: j))
    return Factoring.factor(
      DenseKernel(shape: shape, weights: weights, origin: PerAxis(all: 0)), tolerance: 1e-6)
  }

  @Test func `integers times a constant keep it in the last pass`() throws {
    let sixteenth = try constant([1, 2, 1, 2, 4, 2, 1, 2, 1].map { $0 / 16 }, 3, 3)
    #expect(sixteenth.constant == 1.0 / 16)
    #expect(sixteenth.terms.first?.i?.weights == [1, 2, 1])
    #expect(sixteenth.terms.first?.j?.weights == [0.0625, 0.125, 0.0625])
    #expect(sixteenth.isInteger == false)
    #expect(sixteenth.bound == 0)
  }

  @Test func `decimal fractions are quotients`() throws {
    let tenths = try constant([0.1, 0.2, 0.3, 0.2, 0.4, 0.6], 3, 2)
    #expect(tenths.constant == 0.1)
    #expect(tenths.terms.first?.i?.weights == [1, 2, 3])
    #expect(tenths.terms.first?.j?.weights == [0.1, 0.2])
    #expect(tenths.bound <= 1e-15)
  }

  @Test func `ninths are found, and random weights have no constant`() throws {
    #expect(try constant(Array(repeating: 1.0 / 9, count: 9), 3, 3).constant == 1.0 / 9)
    var random = SeededNumbers(seed: 4)
    for _ in 0..<200 {
      let weights = (0..<6).map { _ in Double.random(in: 0.1...1, using: &random) }
      #expect(try constant(weights, 3, 2).constant == nil)
    }
  }

  @Test func `a constant never hides a kernel that is no product`() throws {
    #expect(try constant([0.5, 0, 0, 0.5], 2, 2).constant == nil)
  }
}
