import Kernels
import Testing
import Volumes

@Suite struct SharedPassesTests {
  private static let smooth = Taps(weights: [1, 2, 1], origin: 1)
  private static let curve = Taps(weights: [0, 1, -2, 1, 0], origin: 2)

  @Test func `a Laplacian of a Gaussian takes two passes along i and two along k`() {
    let (g, c) = (Self.smooth, Self.curve)
    let passes = SharedPasses([PerAxis(c, g, g), PerAxis(g, c, g), PerAxis(g, g, c)])
    #expect(passes.alongI == [c, g])
    #expect(passes.groups.map(\.k) == [g, c])
    #expect(passes.groups.map(\.planes.count) == [2, 1])
    #expect(passes.count == 7)
    #expect(passes.multiplies == (5 + 3) + (3 + 5 + 3) + (3 + 5))
  }

  @Test func `what many groups share runs once in each part`() {
    let (g, c) = (Self.smooth, Self.curve)
    let depths = (0..<9).map { Taps(weights: [1, 1], origin: $0) }
    let passes = SharedPasses(depths.map { PerAxis(g, c, $0) } + [PerAxis(g, nil, nil)])
    #expect(passes.parts.map(\.groups.count) == [1, 4, 4, 1])
    #expect(passes.parts.flatMap { $0.groups.map(\.k) } == [nil] + depths)
    #expect(passes.parts.allSatisfy { $0.alongI == [g] })
    #expect(passes.count == 4 + 9 + 9)
    #expect(passes.multiplies == 4 * 3 + 9 * 5 + 9 * 2)
  }

  @Test func `taps that meet the voxel elsewhere are another pass`() {
    let shifted = Taps(weights: Self.smooth.weights, origin: 0)
    let passes = SharedPasses([PerAxis(Self.smooth, nil, nil), PerAxis(shifted, nil, nil)])
    #expect(passes.alongI.count == 2)
    #expect(passes.groups.count == 1)
  }

  @Test func `an axis without taps costs nothing`() {
    let passes = SharedPasses([PerAxis(nil, nil, nil), PerAxis(nil, nil, Self.smooth)])
    #expect(passes.multiplies == 3)
    #expect(passes.groups.map(\.k) == [nil, Self.smooth])
  }
}
