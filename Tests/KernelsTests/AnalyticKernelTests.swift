import Kernels
import Testing
import Volumes

@Suite struct AnalyticKernelTests {
  private static let everyAxis = Set(Axis.allCases)

  /// The kernel that a golden case begins to describe.
  private static func kernel(_ golden: inout GoldenCase) throws -> AnalyticKernel {
    switch try golden.word() {
    case "laplace": return try .laplacian(axes: Set(Axis.allCases.prefix(golden.integer())))
    case "log": return try .laplacianOfGaussian(sigma: triple(&golden))
    case "derivative": return try .gaussian(sigma: triple(&golden), orders: PerAxis(1, 0, 2))
    case "dog":
      let sigma = try triple(&golden)
      return try .differenceOfGaussians(narrow: sigma, wide: sigma.map { 1.6 * $0 })
    case let name:
      let slope = try #require(AnalyticKernel.Slope(rawValue: name))
      let axis = try #require(Axis(rawValue: golden.integer()))
      return .slope(slope, along: axis, axes: Set(Axis.allCases.prefix(try golden.integer())))
    }
  }

  private static func triple(_ golden: inout GoldenCase) throws -> PerAxis<Double> {
    PerAxis(try golden.double(), try golden.double(), try golden.double())
  }

  @Test func `terms sum to what scipy does to an impulse`() throws {
    for var golden in try GoldenCase.all(in: "analytic-kernels.txt") {
      let kernel = try Self.kernel(&golden)
      let dense = try #require(kernel.dense())
      let shape = Shape(i: try golden.integer(), j: try golden.integer(), k: try golden.integer())
      let expected = try golden.remainingDoubles()
      #expect(dense.shape == shape && dense.origin == dense.shape.lengths.map { $0 / 2 }, "\(golden)")
      // Integers exactly; and ulps of the largest weight, for scipy rounds after each pass and each term.
      let largest = expected.map(\.magnitude).max() ?? 0
      let bound = kernel.isInteger ? 0 : 8 * .ulpOfOne * largest
      for (weight, golden) in zip(dense.weights, expected) { #expect((weight - golden).magnitude <= bound) }
    }
  }

  @Test func `the laplacian of all neighbours is ones minus as many deltas`() throws {
    for (axes, count) in [(Self.everyAxis, 27), ([.i, .k], 9), ([.j], 3)] as [(Set<Axis>, Int)] {
      let kernel = try AnalyticKernel.laplacianOfAllNeighbours(axes: axes)
      var expected = [Double](repeating: 1, count: count)
      expected[count / 2] = 1 - Double(count)
      #expect(try #require(kernel.dense()).weights == expected)
      #expect(kernel.terms.count == 2 && kernel.isInteger && kernel.constant == nil)
    }
    // 3 + 3 + 3 for the ones, 1 for the centre.
    #expect(try AnalyticKernel.laplacianOfAllNeighbours().passes.multiplies == 10)
  }

  @Test func `laplacians sum to zero, exactly where they are integers`() throws {
    for kernel in [try AnalyticKernel.laplacian(), try .laplacianOfAllNeighbours(), try .laplacian(axes: [.i, .j])] {
      #expect(kernel.isInteger)
      #expect(try #require(kernel.dense()).weights.reduce(0, +) == 0)
    }
    let sigma = PerAxis(1.5, 2, 2.5)
    let sampled = try #require(try AnalyticKernel.laplacianOfGaussian(sigma: sigma, truncate: 7).dense())
    #expect(sampled.weights.reduce(0, +).magnitude < 1e-9)
    let bessel = try #require(try AnalyticKernel.laplacianOfGaussian(sigma: sigma, form: .bessel).dense())
    #expect(bessel.weights.reduce(0, +).magnitude < 1e-15)
    let difference = try AnalyticKernel.differenceOfGaussians(narrow: sigma, wide: sigma.map { 2 * $0 })
    #expect(try #require(difference.dense()).weights.reduce(0, +).magnitude < 1e-14)
  }

  @Test func `singular values are those of the block that is not built`() throws {
    let kernels: [AnalyticKernel] = [
      try .laplacianOfGaussian(sigma: PerAxis(1, 1.5, 0.8)), try .laplacianOfGaussian(sigma: PerAxis(2, 0, 1)),
      try .differenceOfGaussians(narrow: PerAxis(0, 1, 1), wide: PerAxis(0, 2, 2)),
      try .laplacian(spacing: Spacing(1e-6, 1, 1e6)), try .laplacianOfAllNeighbours(), try .laplacian(axes: [.k]),
      try .binomial(order: PerAxis(56, 56, 0)), .slope(.scharr, along: .j),
    ]
    for kernel in kernels {
      let expected = Factoring.factor(try #require(kernel.dense()), tolerance: 0).spectra
      for axis in Axis.allCases {
        let (found, all) = (kernel.spectra[axis], expected[axis])
        let allowed = 1e-14 * (all.first ?? 0)
        #expect(found.isEmpty == all.isEmpty && found.count <= all.count, "\(kernel.name) along \(axis)")
        #expect(zip(found, all).allSatisfy { ($0 - $1).magnitude <= allowed }, "\(kernel.name) along \(axis)")
        #expect(all.dropFirst(found.count).allSatisfy { $0 <= allowed }, "\(kernel.name) along \(axis)")
      }
    }
  }

  @Test func `per mm, every axis divides by its own spacing`() throws {
    let kernel = try AnalyticKernel.laplacian(spacing: Spacing(0.5, 1, 2))
    #expect(
      kernel.terms.map { $0.array.compactMap { $0?.weights }.first } == [[4, -8, 4], [1, -2, 1], [0.25, -0.5, 0.25]])
    #expect(!kernel.isInteger)
    // A Gaussian blob of 3 mm, seen through a Gaussian of 2 mm, has the curvature −3/σ² of a blob of √13 mm in its middle.
    let spacing = Spacing(0.5, 1, 1.25)
    let log = try AnalyticKernel.laplacianOfGaussian(
      sigma: spacing.map { 2 / $0 }, spacing: spacing, truncate: 7, form: .sampled)
    let blob = try AnalyticKernel.gaussian(peak: 1, sigma: spacing.map { 3 / $0 }, truncate: 7)
    let curvature = log.terms.reduce(0) { sum, term in
      sum + Axis.allCases.reduce(1) { $0 * Self.product(term[$1], blob.terms[0][$1]) }
    }
    let height = try [Double](repeating: Self.height(2, of: 3), count: 3).reduce(1, *)
    #expect((curvature + 3.0 / 13 * height).magnitude < 1e-6 * height)
  }

  /// Σ a·b with both on the same voxel, the longer one cut.
  private static func product(_ a: Taps?, _ b: Taps?) -> Double {
    guard let a, let b else { return .nan }
    return a.weights.indices.reduce(0) { sum, index in
      let other = index - a.origin + b.origin
      return b.weights.indices.contains(other) ? sum + a.weights[index] * b.weights[other] : sum
    }
  }

  /// Along one axis, what is left of a blob's height of 1.
  private static func height(_ kernel: Double, of blob: Double) throws -> Double {
    blob / (blob * blob + kernel * kernel).squareRoot()
  }

  @Test func `a Laplacian of a Gaussian shares its passes`() throws {
    let kernel = try AnalyticKernel.laplacianOfGaussian(sigma: PerAxis(all: 2))
    #expect(kernel.terms.count == 3)
    #expect(kernel.passes.alongI.count == 2 && kernel.passes.count == 7)
    #expect(kernel.passes.multiplies == 7 * 17)
  }

  @Test(arguments: AnalyticKernel.Slope.allCases) func `slopes see a ramp along their axis only`(
    slope: AnalyticKernel.Slope
  ) throws {
    let smoothing = [.sobel: 16, .prewitt: 9, .scharr: 256][slope] ?? .nan
    for axis in Axis.allCases {
      let kernel = AnalyticKernel.slope(slope, along: axis)
      let dense = try #require(kernel.dense())
      #expect(kernel.isInteger && dense.weights.count == 27 && dense.weights.reduce(0, +) == 0)
      for other in Axis.allCases {
        // Two voxels of slope 1, times what the smoothing sums to.
        let ramp = (0..<27).map { Double(PerAxis($0 % 3, $0 / 3 % 3, $0 / 9)[other]) }
        let seen = zip(dense.weights, ramp).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(seen == (axis == other ? 2 * smoothing : 0))
      }
    }
  }

  @Test func `binomials are rows of Pascal's triangle`() throws {
    let kernel = try AnalyticKernel.binomial(order: PerAxis(4, 1, 0))
    #expect(
      kernel.terms == [PerAxis(Taps(weights: [1, 4, 6, 4, 1], origin: 2), Taps(weights: [1, 1], origin: 1), nil)])
    #expect(kernel.isInteger && kernel.constant == nil)
    let longest = try AnalyticKernel.binomial(order: PerAxis(56, 0, 0))
    #expect(longest.isInteger && longest.terms[0].i?.sum == 0x1p56)
    #expect(longest.terms[0].i?.weights[28] == 7_648_690_600_760_440)
    let mean = try AnalyticKernel.binomial(order: PerAxis(2, 2, 0), isNormalised: true)
    #expect(mean.constant?.value == 1.0 / 16 && mean.constant?.axis == .j)
    #expect(mean.terms[0].i?.weights == [1, 2, 1] && mean.terms[0].j?.weights == [0.0625, 0.125, 0.0625])
  }

  @Test func `a peak stands in the last factor, and nowhere else`() throws {
    let kernel = try AnalyticKernel.gaussian(peak: -3.5, sigma: PerAxis(3, 3, 0), truncate: 2)
    #expect(kernel.constant?.value == -3.5 && kernel.constant?.axis == .j)
    let (i, j) = (try #require(kernel.terms[0].i), try #require(kernel.terms[0].j))
    #expect(i.weights[i.origin] == 1 && j.weights == i.weights.map { -3.5 * $0 } && kernel.terms[0].k == nil)
    #expect(i.count == 13 && !kernel.isInteger)
    #expect((i.weights[0] - 0.1353352832366127).magnitude < 1e-16)
  }

  @Test func `an axis of sigma 0 or size 1 is left alone`() throws {
    let gaussian = try AnalyticKernel.gaussian(sigma: PerAxis(0, 1.5, 0), form: .bessel)
    #expect(gaussian.terms == [PerAxis(nil, try Gaussian.taps(sigma: 1.5, form: .bessel), nil)])
    let box = try AnalyticKernel.box(size: PerAxis(3, 1, 2))
    #expect(box.terms[0].j == nil && box.dense()?.origin == PerAxis(1, 0, 1))
    #expect(try AnalyticKernel.laplacianOfGaussian(sigma: PerAxis(1, 0, 1)).terms.count == 2)
  }

  @Test func `a block too large to look at is not built`() throws {
    let kernel = try AnalyticKernel.box(size: PerAxis(all: 65_535))
    #expect(kernel.passes.multiplies == 3 * 65_535 && kernel.dense() == nil)
    #expect(try AnalyticKernel.box(size: PerAxis(all: 3)).dense(atMost: 26) == nil)
  }

  @Test func `what cannot be is refused in a sentence`() {
    let attempts: [(String, () throws -> AnalyticKernel)] = [
      ("axes: expected at least one that is filtered, found none", { try .gaussian(sigma: PerAxis(all: 0)) }),
      ("axes: expected at least one that is filtered, found none", { try .laplacian(axes: []) }),
      ("axes: expected at least one that is filtered, found none", { try .laplacianOfAllNeighbours(axes: []) }),
      ("axes: expected at least one that is filtered, found none", { try .binomial(order: PerAxis(all: 0)) }),
      ("binomial order: expected 1 to 56, found 57", { try .binomial(order: PerAxis(57, 0, 0)) }),
      ("binomial order: expected 1 to 56, found -1", { try .binomial(order: PerAxis(2, -1, 0)) }),
      ("box size: expected 1 to 65535 voxels, found 0", { try .box(size: PerAxis(3, 0, 3)) }),
      (
        "gaussian peak: expected a finite number, found inf",
        { try .gaussian(peak: .infinity, sigma: PerAxis(all: 1)) }
      ),
      ("spacing: expected a length above 0, found 0.0", { try .laplacian(spacing: Spacing(1, 1, 0)) }),
      (
        "gaussian sigma: expected 1e-15 voxels or more, found -1.0",
        { try .gaussian(peak: 1, sigma: PerAxis(-1, 1, 1)) }
      ),
      (
        "gaussian sigma: expected 1e-15 voxels or more, found 0.0",
        { try .gaussian(sigma: PerAxis(1, 0, 1), orders: PerAxis(0, 1, 0)) }
      ),
      (
        "gaussian order: expected 0 for the form bspline, found 2",
        { try .laplacianOfGaussian(sigma: PerAxis(all: 1), form: .bspline) }
      ),
    ]
    for (sentence, attempt) in attempts {
      let failure = #expect(throws: KernelFailure.self) { try attempt() }
      #expect(failure?.description == sentence)
    }
  }
}
