import Filters
import Foundation
import Kernels
import Testing
import Volumes

@Suite struct KernelSubjectTests {
  private func weights(_ text: String) throws -> KernelSubject {
    let kernel = try KernelFilter.decode(Array(text.utf8)).kernel
    return KernelSubject(kernel, name: "weights", spacing: nil)
  }

  private func spec(_ name: String, _ text: String, spacing: Spacing? = nil) throws -> KernelSubject {
    try KernelSpec(name: name, text: text).subject(spacing: spacing)
  }

  /// The document as a reader sees it.
  private struct Report: Decodable {
    let size: [Int]
    let integer: Bool
    let rank: Int
    let singular_values: [Double]
    let method: String
    let terms: [[String: [Double]]]
    let bound: Double
    let multiplies_before: Int
    let multiplies_after: Int

    /// What the terms' outer products come to, i fastest; every factor is as long as the kernel.
    var sum: [Double] {
      var sum = [Double](repeating: 0, count: size[0] * size[1] * size[2])
      for term in terms {
        let (i, j, k) = (term["i"] ?? [], term["j"] ?? [], term["k"] ?? [])
        let products: [Double] = k.flatMap { atK in j.flatMap { atJ in i.map { $0 * atJ * atK } } }
        sum = zip(sum, products).map { $0 + $1 }
      }
      return sum
    }
  }

  private func report(_ subject: KernelSubject) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(subject.report.encoded().utf8))
  }

  // MARK: - The document

  @Test(arguments: [
    ("log", "sigma_vox=1", 3, 0), ("dog", "sigma_vox=1", 2, 0), ("laplacian", "neighbours=6", 3, 9),
    ("laplacian", "neighbours=26", 2, 10), ("sobel", "axis=j", 1, 9), ("binomial", "size_vox=5", 1, 15),
    ("gaussian", "sigma_vox=1,1,2", 1, 35), ("box", "size_vox=3", 1, 9),
  ])
  func `the terms of the document sum to the weights`(name: String, text: String, terms: Int, passes: Int) throws {
    let subject = try spec(name, text)
    let report = try report(subject)
    #expect(report.terms.count == terms && report.size == subject.size.array)
    #expect(report.method == (terms == 1 ? "separable" : "rank-r"))
    if passes > 0 { #expect(report.multiplies_after == passes) }
    let weights = try #require(subject.weights)
    #expect(zip(report.sum, weights.weights).allSatisfy { abs($0 - $1) <= 1e-16 })
    let norm = weights.weights.reduce(0) { $0 + $1 * $1 }
    #expect(abs(report.singular_values.reduce(0) { $0 + $1 * $1 } - norm) <= 1e-14 * norm)
  }

  @Test func `a rank-R kernel's terms sum to its weights within the bound`() throws {
    // A ball of radius 7 on a ground of 1: no outer product, and so large that its terms cost less than its weights.
    let ball = (-7...7).map { k in (-7...7).map { j in (-7...7).map { i in i * i + j * j + k * k <= 49 ? 2 : 1 } } }
    let subject = try weights("{\"weights\": \(ball), \"tolerance\": 1e-6}")
    let report = try report(subject)
    try #require(report.method == "rank-r" && report.terms.count > 1)
    #expect(report.rank > 1 && report.rank == subject.rank && report.bound > 0)
    let dense = try #require(subject.weights).weights
    let error = zip(report.sum, dense).reduce(0) { $0 + abs($1.0 - $1.1) }
    #expect(error <= report.bound + 1e-12)
  }

  @Test func `integers are written as integers`() throws {
    let text = try spec("sobel", "axis=i").report.encoded()
    #expect(text.contains(#""terms":[{"i":[-1,0,1],"j":[1,2,1],"k":[1,2,1]}]"#))
  }

  // MARK: - What follows from the weights

  @Test func `[1 2 1]/4 halves a wave of four voxels and stops one of two`() throws {
    let response = FrequencyResponse(of: Taps(weights: [0.25, 0.5, 0.25], origin: 1))
    #expect(response.gain(at: 0) == 1 && response.gain(at: 0.5) == 0)
    #expect(abs(response.gain(at: 0.25) - 0.5) < 1e-15)
    #expect(abs(try #require(response.halfGain) - 0.25) < 1e-6)
  }

  @Test func `a Gaussian's gain is the Gaussian of its theory`() throws {
    let subject = try spec("gaussian", "sigma_vox=2,form=bessel,truncate=12")
    let response = FrequencyResponse(of: subject.marginal(along: .j))
    // Lindeberg's kernel of variance t: exp(t (cos 2πf − 1)).
    for frequency in [0.05, 0.1, 0.2, 0.5] {
      let theory = exp(4 * (cos(2 * .pi * frequency) - 1))
      #expect(abs(response.gain(at: frequency) - theory) < 1e-12)
    }
  }

  @Test func `what takes away slow waves has no frequency of half its gain at 0`() throws {
    let subject = try spec("log", "sigma_vox=2")
    let response = FrequencyResponse(of: subject.marginal(along: .i))
    #expect(response.halfGain == nil)
    // f² exp(−2π²σ²f²) is largest at 1 / (√2 π σ).
    #expect(abs(response.peak.frequency - 1 / (2.0.squareRoot() * .pi * 2)) < 0.003)
  }

  @Test func `widths are told in mm where voxels have a size`() throws {
    let subject = try spec("gaussian", "fwhm_mm=6", spacing: Spacing(1, 1, 2))
    for axis in Axis.allCases {
      let width = try #require(subject.realisedMillimetres(along: axis))
      #expect(abs(width - 6) < 0.01)
    }
    #expect(subject.requestedFWHM == PerAxis(6, 6, 6))
    #expect(abs(try #require(subject.realisedFWHM(along: .k)) - 3) < 0.005)
    #expect(try spec("sobel", "axis=i").realisedFWHM(along: .j) == nil)
  }

  @Test func `a kernel too large for a block is still described`() throws {
    let subject = try spec("gaussian", "sigma_vox=100")
    #expect(subject.weights == nil && subject.size == PerAxis(all: 801) && subject.rank == 1)
    #expect(abs(subject.sum - 1) < 1e-14)
    let centre = subject.weight(at: subject.origin)
    let tap = try #require(subject.terms[0].i).weights[400]
    #expect(centre == tap * tap * tap)
  }

  @Test func `what a large kernel sums to is 0 when only rounding is left, and it has no width`() throws {
    let slope = try spec("gaussian", "sigma_vox=100,order=1,0,0")
    #expect(slope.weights == nil && slope.sum == 0 && slope.realisedFWHM(along: .j) == nil)
    #expect(FrequencyResponse(of: slope.marginal(along: .j)).gain(at: 0) == 0)
    let log = try spec("log", "sigma_vox=100")
    #expect(log.weights == nil && log.rank == 2 && log.spectra.array.allSatisfy { $0.count == 2 })
  }

  @Test(arguments: [1e-300, 1e-160, 1, 1e160, 1e300]) func `gains do not depend on the unit`(unit: Double) {
    let response = FrequencyResponse(of: Taps(weights: [unit, 2 * unit, unit], origin: 1))
    #expect(response.gain(at: 0) == 4 * unit && abs(response.gain(at: 0.25) / unit - 2) < 1e-15)
  }

  @Test func `what is too large for a number is null in the document`() throws {
    let shape = try #require(Shape(i: 3))
    let voxels = [Double](repeating: .greatestFiniteMagnitude, count: 3)
    let subject = KernelSubject(
      voxels: voxels, shape: shape, spacing: Spacing(all: 1), check: { () throws(Never) in })
    let text = subject.report.encoded()
    #expect(!text.contains("inf") && !text.contains("nan") && text.contains(#""sum":null"#))
  }

  @Test func `a height stands in one factor, and is told`() throws {
    let subject = try spec("peak", "height=3.5,sigma_vox=3,3,0,truncate=2")
    let (i, j) = (try #require(subject.terms[0].i).weights, try #require(subject.terms[0].j).weights)
    #expect(subject.constant == 3.5 && i[6] == 1 && j == i.map { 3.5 * $0 } && subject.terms[0].k == nil)
  }

  // MARK: - The command line's kernels

  @Test(arguments: [
    ("gaussian", "sigm_vox=2", #"--gaussian: sigm_vox: unknown key; did you mean "sigma_vox"?"#),
    ("gaussian", "2", #"--gaussian: expected key=value, as in a job's filter, found "2""#),
    ("gaussian", "sigma_vox=1,sigma_vox=2", "--gaussian: sigma_vox: expected every key once, found it again"),
    (
      "gaussian", "fwhm_mm=6",
      "--spacing: missing; expected three lengths in mm, as in --spacing 1,1,2.5, because "
        + "--gaussian has a width in mm"
    ),
    (
      "log", "sigma_mm=6",
      "--spacing: missing; expected three lengths in mm, as in --spacing 1,1,2.5, because "
        + "--log has a width in mm"
    ),
    ("laplacian", "neighbours=7", "--laplacian: neighbours: expected 6 or 26, found 7"),
    ("laplacian", "neighbours=6,axes=i,j", "--laplacian: neighbours: expected 4 or 8, found 6"),
    ("sobel", "", #"--sobel: axis: missing; expected "i", "j" or "k""#),
    ("scharr", "axis=k,axes=i,j", #"--scharr: axis: expected "i" or "j", found "k""#),
    ("binomial", "size_vox=1", "--binomial: size_vox: expected an integer from 2 to 57, or three for i, j, k, found 1"),
    ("peak", "sigma_vox=1", "--peak: height: missing; expected a number"),
    (
      "peak", "height=1,sigma_vox=1,form=bessel",
      #"--peak: form: unknown key; known here are "height", "sigma_mm", "sigma_vox", "truncate" and "axes""#
    ),
    ("dog", "sigma_vox=1,ratio=1", "--dog: ratio: expected a number above 1 and at most 100, found 1"),
  ])
  func `a kernel that cannot be is told in one sentence`(name: String, text: String, sentence: String) throws {
    let problem = #expect(throws: KernelProblem.self) { try KernelSpec(name: name, text: text).subject(spacing: nil) }
    #expect(problem?.sentences == [sentence])
  }

  @Test func `every kernel has keys with a sentence each`() {
    for (name, keys) in KernelSpec.keys { #expect(keys.allSatisfy { !$0.summary.isEmpty }, "\(name)") }
    #expect(KernelSpec.keys.map(\.name) == KernelSpec.names)
  }
}
