import Filtering
import Filters
import Foundation
import Kernels
import StrictJSON
import Testing
import Volumes

/// What kernels answer to 1, x and x², and when that is told.
@Suite struct AnswerTests {
  private static let derivative = "answer-not-realised"

  private func plan(_ keys: String) throws -> FilterPlan {
    try Planning.plan(#"{"filter": "gaussian", "axes": ["i"], \#(keys)}"#, on: Planning.grid(spacing: Spacing(all: 1)))
  }

  private func subject(_ name: String, _ text: String) throws -> KernelSubject {
    try KernelSpec(name: name, text: text).subject(spacing: nil)
  }

  /// A sampled derivative's answers by its definition, with the C library's exponential.
  private func sampled(_ sigma: Double, order: Int, radius: Int) -> Answers {
    let offsets = (-radius...radius).map(Double.init)
    let values = offsets.map { exp(-$0 * $0 / (2 * sigma * sigma)) }
    let sum = values.reduce(0, +)
    let weights = zip(offsets, values).map { x, value in
      let factor = order == 1 ? x / (sigma * sigma) : (x * x / (sigma * sigma) - 1) / (sigma * sigma)
      return factor * value / sum
    }
    func answer(_ line: (Double) -> Double) -> Double { zip(offsets, weights).reduce(0) { $0 + line($1.0) * $1.1 } }
    return Answers(constant: answer { _ in 1 }, ramp: answer { $0 }, square: answer { $0 * $0 })
  }

  @Test(arguments: [(0.35, 1), (0.5, 1), (0.5, 2), (0.6, 2), (2, 1), (3, 2)] as [(Double, Int)])
  func `the record of a derivative holds what its weights answer`(sigma: Double, order: Int) throws {
    let plan = try plan(#""sigma_vox": \#(sigma), "order": \#(order)"#)
    let expected = sampled(sigma, order: order, radius: Gaussian.radius(sigma: sigma, truncate: 4))
    let found = try #require(plan.record?.answers.i)
    for (a, b) in [(found.constant, expected.constant), (found.ramp, expected.ramp), (found.square, expected.square)] {
      #expect(abs(a - b) < 1e-12)
    }
    #expect(plan.record?.answers.j == nil)
    let json = try JSONReader.parse(Array(try #require(plan.record).json.encoded().utf8))["answers"]
    #expect(json?["i"]?["ramp"]?.double == found.ramp && json?["j"]?.value == .null)
  }

  @Test(
    arguments: [
      (#""sigma_vox": 0.35, "order": 1"#, ["a ramp, x, with 0.2666 instead of 1, 73.3 % off"]),
      (#""sigma_vox": 0.5, "order": 2"#, ["a constant of 1 with -0.5598 instead of 0", "x² with 2.681 instead of 2"]),
      (#""sigma_vox": 0.3, "order": 1, "form": "integrated""#, ["a ramp, x, with "]),
      (#""sigma_vox": 3, "order": 1, "truncate": 1"#, ["a ramp, x, with "]),
      (#""sigma_vox": 0.35, "order": 1, "form": "bessel""#, []),
      (#""sigma_vox": 0.5, "order": 2, "form": "bessel", "truncate": 1"#, []),
      (#""sigma_vox": 0.5, "order": 0, "fwhm_tolerance": 1"#, []),
    ] as [(String, [String])])
  func `a derivative that misses its answer is told, with what would do`(keys: String, told: [String]) throws {
    let findings = try plan(keys).findings
    #expect(findings.map(\.code) == told.map { _ in Self.derivative }, "\(findings)")
    for (finding, sentence) in zip(findings, told) {
      #expect(finding.detail.hasPrefix("along i the weights answer \(sentence)"), "\(finding)")
      #expect(finding.detail.hasSuffix(" would realise it"), "\(finding)")
    }
  }

  @Test func `advice is tried before it is given`() throws {
    let narrow = try plan(#""sigma_vox": 0.35, "order": 1"#).findings
    #expect(narrow.allSatisfy { $0.detail.contains(#"; "form": "bessel" would"#) } && !narrow.isEmpty)
    let cut = try plan(#""sigma_vox": 3, "order": 1, "truncate": 1"#).findings
    #expect(cut.allSatisfy { $0.detail.contains(#"; "truncate": 6 would"#) } && !cut.isEmpty)
  }

  @Test(arguments: [1, 1.7, 2, 3.3, 4, 10, 40] as [Double])
  func `derivatives and Laplacians with the default keys are as good as they should be`(sigma: Double) throws {
    for form in ["sampled", "integrated", "bessel"] {
      for order in 1...2 {
        let findings = try plan(#""sigma_vox": \#(sigma), "order": \#(order), "form": "\#(form)""#).findings
        #expect(findings.isEmpty, "\(findings)")
      }
    }
    #expect(try subject("log", "sigma_vox=\(sigma)").findings.isEmpty)
    #expect(try subject("dog", "sigma_vox=\(sigma)").findings.isEmpty)
  }

  @Test func `axes with the same numbers share a finding, mixed derivatives answer pass by pass`() throws {
    let grid = try Planning.grid(spacing: Spacing(all: 1))
    let element = #"{"filter": "gaussian", "sigma_vox": 0.35, "order": [1, 1, 0], "fwhm_tolerance": 1}"#
    let plan = try Planning.plan(element, on: grid)
    #expect(plan.findings.map(\.code) == [Self.derivative] && plan.findings[0].detail.hasPrefix("along i and j the "))
    #expect(
      plan.record?.answers.i?.ramp == plan.record?.answers.j?.ramp
        && abs((plan.record?.answers.k?.constant ?? 0) - 1) < 1e-15)
    let smooth = try Planning.plan(#"{"filter": "gaussian", "sigma_vox": 0.3}"#, on: grid).findings
    #expect(smooth.count == 1 && smooth[0].detail.hasPrefix("along i, j and k 0.706 mm requested, "), "\(smooth)")
  }

  @Test func `a Laplacian that sums to something says so, and one of Bessel's form does not`() throws {
    let findings = try subject("log", "sigma_vox=0.5").findings
    #expect(findings.map(\.code) == [Self.derivative, Self.derivative], "\(findings)")
    #expect(findings[0].detail.contains("a constant of 1 with -1.679 instead of 0"), "\(findings)")
    #expect(findings.allSatisfy { $0.detail.hasSuffix(#"; "form": "bessel" would realise it"#) }, "\(findings)")
    let bessel = try subject("log", "sigma_vox=0.5,form=bessel")
    #expect(bessel.findings.isEmpty && bessel.answers(along: .j)?.constant == 0)
    #expect(abs(try #require(bessel.answers(along: .j)).square - 2) < 1e-12)
  }

  @Test func `a Laplacian in mm answers x² in mm`() throws {
    let subject = try KernelSpec(name: "log", text: "sigma_mm=4").subject(spacing: Spacing(2, 2, 0.5))
    #expect(subject.findings.isEmpty)
    #expect(abs(try #require(subject.answers(along: .k)).square - 8) < 0.1)
  }

  @Test func `a difference of narrow Gaussians is not the one that was asked`() throws {
    let details = try subject("dog", "sigma_vox=0.5,0,0").findings.map(\.detail)
    // -0.39 is 0.25 less 2.56 times 0.25.
    #expect(details.count == 1 && details[0].contains("x² with -0.4248 instead of -0.39"), "\(details)")
  }

  // MARK: - Weights of one's own

  private func kernel(_ keys: String) throws -> FilterPlan {
    try Planning.plan(#"{"filter": "kernel", \#(keys)}"#, on: Planning.grid())
  }

  @Test func `weights of one's own are told and not judged`() throws {
    let plan = try kernel(#""weights": [-3, 1, 9], "mode": "correlate""#)
    #expect(plan.record?.answers.i == Answers(constant: 7, ramp: 12, square: 6) && plan.findings.isEmpty)
    let turned = try kernel(#""weights": [-3, 1, 9], "mode": "convolve""#)
    #expect(turned.record?.answers.i == Answers(constant: 7, ramp: -12, square: 6))
  }

  @Test func `dense and separable weights answer alike, along each axis for the whole kernel`() throws {
    let weights = #""weights": [[1, 2, 4], [2, 4, 8], [0, 0, 0]], "mode": "correlate""#
    let records = try ["separable", "dense"].map { method in
      try #require(try kernel(weights + #", "method": "\#(method)""#).record)
    }
    for record in records {
      #expect(
        record.answers
          == PerAxis(Answers(constant: 21, ramp: 9, square: 15), Answers(constant: 21, ramp: -7, square: 7), nil))
    }
  }

  @Test func `weights divided by their sum promise to keep a constant`() throws {
    // The product that runs is far from the weights: their tolerance allows it.
    let rough = #""weights": [[1, 0, 0], [0, 2, 0], [0, 0, 9]], "mode": "correlate", "tolerance": 0.9"#
    let findings = try kernel(rough + #", "normalise": "sum""#).findings
    #expect(
      findings.count == 1 && findings[0].detail.contains("along i and j the weights answer a constant of 1 with 0."))
    #expect(findings[0].detail.hasSuffix(#"a smaller "tolerance" would do"#), "\(findings)")
    #expect(try kernel(rough).findings.isEmpty)
    #expect(try kernel(#""weights": [[1, 3, 1], [2, 6, 2]], "mode": "correlate", "normalise": "sum""#).findings.isEmpty)
  }

  @Test func `a box answers as its size says, an even one half a voxel aside`() throws {
    let record = try #require(
      try Planning.plan(#"{"filter": "box", "size_vox": [4, 3, 1]}"#, on: Planning.grid()).record)
    let (i, j) = (try #require(record.answers.i), try #require(record.answers.j))
    #expect(i == Answers(constant: 1, ramp: -0.5, square: 1.5) && abs(j.square - 2.0 / 3) < 1e-15 && j.ramp == 0)
    #expect(record.answers.k == nil)
  }

  @Test func `a constant's value that a mask leaves unused is told`() throws {
    let mask = try Planning.grid(
      mask: Mask(shape: try #require(Shape(i: 7, j: 6, k: 5)), inside: Array(repeating: 1, count: 210)))
    for (value, codes) in [("7", ["boundary-value-unused"]), ("0", [])] {
      let element = #"{"filter": "box", "size_vox": 3, "mask": "m.nii", "boundary": "constant", "value": \#(value)}"#
      #expect(try Planning.plan(element, on: mask).findings.map(\.code) == codes)
    }
  }
}
