import Kernels
import Testing

@Test func `gaussians are those of scipy`() throws {
  for var golden in try GoldenCase.all(in: "gaussians.txt") {
    let (sigma, order, truncate) = (try golden.double(), try golden.integer(), try golden.double())
    let expected = try golden.remainingDoubles()
    let taps = try Gaussian.taps(sigma: sigma, order: order, truncate: truncate)
    #expect(taps.count == expected.count)
    #expect(taps.origin == Gaussian.radius(sigma: sigma, truncate: truncate))
    // Either side rounds the exponent, at most truncate²/2 = 18, and so errs by some 18 ulp.
    for (tap, weight) in zip(taps.weights, expected) {
      #expect((tap - weight).magnitude <= 40 * .ulpOfOne * weight.magnitude + 1e-300, "\(golden)")
    }
  }
}

@Test(arguments: [0.2, 0.5, 1, 3.7, 30]) func `a gaussian is even and sums to one`(sigma: Double) throws {
  let taps = try Gaussian.taps(sigma: sigma)
  #expect(taps.weights == taps.weights.reversed())
  #expect((taps.sum - 1).magnitude <= 4 * .ulpOfOne)
  #expect(taps.absoluteSum == taps.sum)
}

@Test(arguments: [2, 3.7, 30.0]) func `derivatives see slope and curvature`(sigma: Double) throws {
  let first = try Gaussian.taps(sigma: sigma, order: 1, truncate: 8)
  let second = try Gaussian.taps(sigma: sigma, order: 2, truncate: 8)
  let line = (0...2 * first.origin).map(Double.init)
  let centre = first.origin
  #expect((correlated(line, with: first)[centre] - 1).magnitude < 1e-6)
  #expect((correlated(line.map { $0 * $0 }, with: second)[centre] - 2).magnitude < 1e-6)
  #expect(first.weights == first.weights.reversed().map { 0 - $0 })
}

@Test func `the radius is rounded half up, and never overflows`() {
  #expect(Gaussian.radius(sigma: 1, truncate: 4) == 4)
  #expect(Gaussian.radius(sigma: 0.5, truncate: 3) == 2)
  #expect(Gaussian.radius(sigma: 0.1, truncate: 4) == 0)
  #expect(Gaussian.radius(sigma: 1e300, truncate: 4) == .max)
  #expect(Gaussian.radius(sigma: .nan, truncate: 4) == .max)
}

@Test func `the smallest gaussian is an impulse`() throws {
  #expect(try Gaussian.taps(sigma: 1e-15) == Taps(weights: [1], origin: 0))
}

@Test(
  arguments: [
    (0, 0, 4, "gaussian sigma: expected 1e-15 voxels or more, found 0.0"),
    (-1, 0, 4, "gaussian sigma: expected 1e-15 voxels or more, found -1.0"),
    (.infinity, 0, 4, "gaussian sigma: expected 1e-15 voxels or more, found inf"),
    (.nan, 0, 4, "gaussian sigma: expected 1e-15 voxels or more, found nan"),
    (1, 3, 4, "gaussian order: expected 0, 1 or 2, found 3"),
    (1, 0, 0, "gaussian truncate: expected a number above 0, found 0.0"),
    (1e4, 0, 4, "gaussian radius: expected at most 32767 voxels, found 4.0 · 10000.0 voxels"),
    (0.1, 1, 4, "gaussian radius: expected at least 1 voxel for a derivative, found 0 (4.0 · 0.1 voxels, rounded)"),
  ] as [(Double, Int, Double, String)])
func `a gaussian that cannot be is refused`(sigma: Double, order: Int, truncate: Double, sentence: String) {
  let failure = #expect(throws: KernelFailure.self) {
    try Gaussian.taps(sigma: sigma, order: order, truncate: truncate)
  }
  #expect(failure?.description == sentence)
}
