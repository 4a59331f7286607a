import Filtering
import Filters
import Jobs
import Kernels
import Testing
import Volumes

/// Chains that do something else to some voxel have other digests; nothing else may matter.
@Suite struct ChainDigestTests {
  private static let taps = Taps(weights: [0.25, 0.5, 0.25], origin: 1)

  private static func block(_ weights: [Double], origin: Int) throws -> LinearKernel {
    let shape = try #require(Shape(i: weights.count))
    return .dense(DenseKernel(shape: shape, weights: weights, origin: PerAxis(origin, 0, 0)))
  }

  private static func linear(
    _ kernel: LinearKernel, _ boundary: Boundary = .reflect, mask: MaskedConvolution? = nil, filter: String = "box"
  ) -> any Filtering.Operation {
    LinearOperation(filter: filter, kernel: kernel, boundary: boundary, mask: mask)
  }

  private static func along(_ axis: Axis, _ taps: Taps = taps) -> LinearKernel {
    var passes = PerAxis<Taps?>(all: nil)
    passes[axis] = taps
    return .separable([SeparableTerm(passes)])
  }

  private static func mask(_ inside: [UInt8]) throws -> Mask {
    Mask(shape: try #require(Shape(i: 2, j: 2)), inside: inside)
  }

  private static func masked(
    _ inside: [UInt8], _ outside: MaskedConvolution.Outside = .keep, weight: Double = 0.5
  ) throws -> MaskedConvolution {
    MaskedConvolution(mask: .loaded(try mask(inside)), outside: outside, minimumWeight: weight)
  }

  private static func different() throws -> [[any Filtering.Operation]] {
    [
      [],
      [linear(along(.i))], [linear(along(.j))], [linear(along(.k))],
      [linear(along(.i)), linear(along(.i))],
      [linear(along(.i), .mirror)], [linear(along(.i), .constant(0))], [linear(along(.i), .constant(1))],
      [linear(along(.i), .renormalise)],
      [linear(along(.i, Taps(weights: [0.25, 0.5, 0.25], origin: 0)))],
      [linear(along(.i, Taps(weights: [0.25, 0.5, 0.25.nextUp], origin: 1)))],
      [linear(along(.i, Taps(weights: [0.25, 0.5, 0.25, 0], origin: 1)))],
      [linear(try block([1, 1, 1], origin: 1))],
      [linear(try block([1, 1, 2], origin: 1))],
      [linear(try block([1, 1, 1], origin: 0))],
      [linear(along(.i), mask: try masked([1, 1, 1, 0]))], [linear(along(.i), mask: try masked([1, 1, 0, 1]))],
      [linear(along(.i), mask: try masked([1, 1, 1, 0], .zero))],
      [linear(along(.i), mask: try masked([1, 1, 1, 0], weight: 0.25))],
      [Scale(slope: 2, intercept: 0)], [Scale(slope: 0, intercept: 2)],
      [Scale(slope: 2, intercept: -0.0)],
      [Clamp(lower: 0, upper: nil)], [Clamp(lower: nil, upper: 0)],
      [Threshold(lower: 0, upper: nil, outside: 0)],
      [Threshold(lower: 0, upper: nil, outside: 1)],
      [MaskOut(mask: .loaded(try mask([1, 1, 1, 0])))],
      [Scale(slope: 2, intercept: 0), linear(along(.i))],
      [linear(along(.i)), Scale(slope: 2, intercept: 0)],
    ]
  }

  @Test func `chains that differ in any number, boundary, mask or order have different digests`() throws {
    let digests = try Self.different().map { ChainDigest.of(Chain($0)).hex }
    #expect(Set(digests).count == digests.count)
  }

  @Test func `what a sum leaves of its kernel decides what it divides by, so it counts`() {
    let kernel = LinearKernel.separable(
      [Axis.i, .j].map { axis in
        var passes = PerAxis<Taps?>(all: nil)
        passes[axis] = Self.taps
        return SeparableTerm(passes)
      })
    let digests = [0, 1e-7].map { residual in
      let facts = KernelFacts(isMean: true, residual: residual)
      let step = LinearOperation(filter: "kernel", kernel: kernel, boundary: .renormalise, facts: facts)
      return ChainDigest.of(Chain([step])).hex
    }
    #expect(digests[0] != digests[1])
  }

  @Test func `a filter's name does not matter, only what it does`() {
    let digests = ["box", "kernel"].map { ChainDigest.of(Chain([Self.linear(Self.along(.i), filter: $0)])).hex }
    #expect(digests[0] == digests[1])
  }

  @Test func `what a rule has changed has another digest than before, and nothing else has`() throws {
    let mask = try Self.masked([1, 1, 1, 0])
    let concerned = [Self.linear(Self.along(.i), .constant(2), mask: mask)]
    let former = ChainDigest.former(of: Chain(concerned))
    // Of the build before the change.
    #expect(former.map(\.digest.hex) == ["eb467584ac5ac0421e30c570f537a7c20fa16435d4cfb9c6259b476fe86ae67a"])
    #expect(former[0].digest != ChainDigest.of(Chain(concerned)))
    let others = try Self.different() + [[Self.linear(Self.along(.i), .renormalise, mask: mask)]]
    #expect(others.allSatisfy { ChainDigest.former(of: Chain($0)).isEmpty })
    // One of them as the build before the change knew it.
    #expect(
      ChainDigest.of(Chain([Self.linear(Self.along(.i), mask: mask)])).hex
        == "68d9eb28500895910506136876ec8d5579fecbf3e3302d928dff7dc6929a404f")
  }
}
