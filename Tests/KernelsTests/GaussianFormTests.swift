import Kernels
import Testing

@Suite struct GaussianFormTests {
  typealias Form = Gaussian.Form

  /// The taps that a golden case begins to describe.
  private static func taps(_ golden: inout GoldenCase) throws -> (taps: Taps, sigma: Double, order: Int) {
    let form = try #require(Form(rawValue: golden.word()))
    let (sigma, order, truncate) = (try golden.double(), try golden.integer(), try golden.double())
    return (try Gaussian.taps(sigma: sigma, order: order, truncate: truncate, form: form), sigma, order)
  }

  @Test func `every form is its closed formula in sixty digits`() throws {
    for var golden in try GoldenCase.all(in: "forms.txt") {
      let (taps, sigma, order) = try Self.taps(&golden)
      let expected = try golden.remainingDoubles()
      let largest = expected.map(\.magnitude).max() ?? 0
      // Derivatives subtract neighbours, and the exponent at the first edge, ⅛σ⁻², is rounded.
      let ulps = order == 0 ? 4 : 4 + sigma + 0.125 / (sigma * sigma)
      #expect(taps.count == 2 * expected.count - 1 && taps.origin == expected.count - 1, "\(golden)")
      for (tap, weight) in zip(taps.weights[taps.origin...], expected) {
        let error = (tap - weight).magnitude
        #expect(error <= ulps * .ulpOfOne * largest, "\(golden)")
        // In the tail the exponent is rounded: at most 8²/2, by half an ulp of it.
        if order == 0 { #expect(error <= 40 * .ulpOfOne * weight + 1e-300, "\(golden)") }
      }
    }
  }

  @Test func `wide kernels lose nothing, and their derivatives what differences of equal numbers must`() throws {
    for var golden in try GoldenCase.all(in: "wide-forms.txt") {
      let (taps, sigma, order) = try Self.taps(&golden)
      let largest = taps.weights.map(\.magnitude).max() ?? 0
      let bound = (order == 0 ? 4 : 4 * sigma) * .ulpOfOne * largest
      var places = 0
      while let place = try? golden.integer() {
        let weight = try golden.double()
        #expect((taps.weights[taps.origin + place] - weight).magnitude <= bound, "\(golden) at \(place)")
        places += 1
      }
      #expect(places > 30)
    }
  }

  @Test(arguments: Form.allCases, [1e-15, 0.01, 0.3, 1, 7.3, 8191])
  func `a gaussian of any form is even, falls, and sums to one`(form: Form, sigma: Double) throws {
    let taps = try Gaussian.taps(sigma: sigma, form: form)
    #expect(taps.origin == Gaussian.radius(sigma: sigma, truncate: 4) && taps.count == 2 * taps.origin + 1)
    #expect(taps.weights == taps.weights.reversed())
    // The sum itself rounds; from the tail inwards it would not.
    #expect((taps.sum - 1).magnitude <= (4 + sigma / 200) * .ulpOfOne)
    let right = taps.weights[taps.origin...]
    #expect(right.allSatisfy { $0 > 0 } && zip(right, right.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test(arguments: [0.2, 0.4247, 0.9, 2.5, 30])
  func `variances are those of the convolved functions`(sigma: Double) throws {
    func variance(_ form: Form) throws -> Double {
      // Tails of narrow discrete Gaussians are longer than a Gaussian's.
      let taps = try Gaussian.taps(sigma: sigma, truncate: 8 + 20 / sigma, form: form)
      let realised = try #require(taps.realisedSigma)
      return realised * realised
    }
    let (square, bound) = (sigma * sigma, 1e-12 * sigma * sigma)
    #expect((try variance(.bessel) - square).magnitude <= bound)
    // Poisson's summation formula: sums over the grid differ from integrals by some exp(−2π²σ²).
    guard sigma > 2 else { return }
    #expect((try variance(.sampled) - square).magnitude <= bound)
    #expect((try variance(.integrated) - square - 1.0 / 12).magnitude <= bound)
    #expect((try variance(.bspline) - square - 1.0 / 6).magnitude <= bound)
  }

  /// Requests in mm on voxels in mm, and what scipy, MONAI, SPM, and ITK with all the radius it needs come to; from the
  /// closed formulas with scipy.special. SPM's 4.14 is not √(3² + 8 ln 2 · 3²/6) = 4.16: that holds for wide Gaussians.
  @Test(
    arguments: [
      (6, 2, [5.9994, 6.1511, 6.3005, 6]), (6, 3, [5.9990, 6.3348, 6.6572, 6]), (8, 1, [7.9986, 8.0273, 8.0576, 8]),
      (3, 3, [2.3559, 3.4628, 4.1441, 2.9994]),
    ] as [(Double, Double, [Double])])
  func `realised widths are those of the field's programs`(fwhm: Double, voxel: Double, expected: [Double]) throws {
    let forms: [(Form, truncate: Double)] = [(.sampled, 4), (.integrated, 4), (.bspline, 6), (.bessel, 8)]
    for ((form, truncate), expected) in zip(forms, expected) {
      let sigma = fwhm / Gaussian.fwhmPerSigma / voxel
      let taps = try Gaussian.taps(sigma: sigma, truncate: truncate, form: form)
      let realised = try #require(taps.realisedFWHM) * voxel
      #expect((realised - expected).magnitude <= 0.0001, "\(form): \(realised) mm")
    }
  }

  @Test(arguments: [(0.3, 0.4), (1, 1), (2.5, 6), (40, 9)])
  func `discrete gaussians one after the other are one discrete gaussian`(a: Double, b: Double) throws {
    let first = try Gaussian.taps(sigma: a, truncate: 9 + 4 / a, form: .bessel)
    let second = try Gaussian.taps(sigma: b, truncate: 9 + 4 / b, form: .bessel)
    let padding = [Double](repeating: 0, count: second.origin)
    let both = correlated(padding + first.weights + padding, with: second)
    let sigma = (a * a + b * b).squareRoot()
    let whole = try Gaussian.taps(sigma: sigma, truncate: Double(first.origin + second.origin) / sigma, form: .bessel)
    #expect(both.count == whole.count)
    let largest = whole.weights[whole.origin]
    for (tap, weight) in zip(both, whole.weights) { #expect((tap - weight).magnitude <= 1e-14 * largest) }
  }

  @Test(arguments: [0.01, 0.3, 1, 2.7, 30])
  func `derivatives of the discrete gaussian see slope and curvature exactly`(sigma: Double) throws {
    for truncate in [1.0, 4] {
      let first = try Gaussian.taps(sigma: sigma, order: 1, truncate: truncate, form: .bessel)
      let second = try Gaussian.taps(sigma: sigma, order: 2, truncate: truncate, form: .bessel)
      let centre = Gaussian.radius(sigma: sigma, truncate: truncate) + 1
      #expect(first.origin == centre && second.origin == centre)
      let line = (-centre...centre).map(Double.init)
      #expect((correlated(line, with: first)[centre] - 1).magnitude < 1e-13)
      #expect((correlated(line.map { $0 * $0 }, with: second)[centre] - 2).magnitude < 1e-11)
      #expect(second.sum.magnitude < 1e-15)
      #expect(first.weights == first.weights.reversed().map { 0 - $0 } && first.weights[centre] == 0)
    }
  }

  @Test(arguments: [2, 3.7, 30.0]) func `derivatives of integrals see slope and curvature`(sigma: Double) throws {
    let first = try Gaussian.taps(sigma: sigma, order: 1, truncate: 8, form: .integrated)
    let second = try Gaussian.taps(sigma: sigma, order: 2, truncate: 8, form: .integrated)
    let centre = first.origin
    let line = (-centre...centre).map(Double.init)
    #expect((correlated(line, with: first)[centre] - 1).magnitude < 1e-12)
    #expect((correlated(line.map { $0 * $0 }, with: second)[centre] - 2).magnitude < 1e-10)
  }

  @Test(
    arguments: [
      (.bspline, 1, 1, 4, "gaussian order: expected 0 for the form bspline, found 1"),
      (.bessel, 4e4, 0, 0.1, "gaussian sigma: expected at most 32767 voxels for the form bessel, found 40000.0"),
      (.bessel, 1e300, 0, 1e-300, "gaussian sigma: expected at most 32767 voxels for the form bessel, found 1e+300"),
      (.bessel, 1e4, 0, 4, "gaussian radius: expected at most 32767 voxels, found 4.0 · 10000.0 voxels"),
      (
        .integrated, 0.1, 1, 4,
        "gaussian radius: expected at least 1 voxel for a derivative, found 0 (4.0 · 0.1 voxels, rounded)"
      ),
    ] as [(Gaussian.Form, Double, Int, Double, String)])
  func `a form that cannot be is refused`(
    form: Gaussian.Form, sigma: Double, order: Int, truncate: Double, sentence: String
  ) {
    let failure = #expect(throws: KernelFailure.self) {
      try Gaussian.taps(sigma: sigma, order: order, truncate: truncate, form: form)
    }
    #expect(failure?.description == sentence)
  }

  /// FNV-1a over the bits of the taps. A CPU or a compiler that rounds differently changes it, and outputs with it; the
  /// digest of the sampled form is that of the first release.
  @Test(
    arguments: [
      (.sampled, 0x1d02_0137_0c4b_117b), (.integrated, 0x0f28_ee32_287d_9c9f), (.bessel, 0xd452_1ca4_6bfe_831c),
      (.bspline, 0x18c3_848d_59fc_bc3b),
    ] as [(Gaussian.Form, UInt64)])
  func `gaussians have the bits they had on the first machine`(form: Gaussian.Form, expected: UInt64) {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for sigma in [0.1, 0.3, 0.849, 1, 2.5479654008640567, 7.3, 300] {
      for order in 0...2 where order == 0 || sigma > 0.2 {
        for truncate in [2.0, 4, 6] {
          guard let taps = try? Gaussian.taps(sigma: sigma, order: order, truncate: truncate, form: form) else {
            continue
          }
          for weight in taps.weights { digest = (digest ^ weight.bitPattern) &* 0x100_0000_01b3 }
        }
      }
    }
    #expect(digest == expected, "0x\(String(digest, radix: 16))")
  }
}
