import Filters
import Kernels
import StrictJSON
import Testing
import Volumes

@Suite struct KernelRecordTests {
  @Test func `a Gaussian's record tells what was asked and what came of it`() throws {
    let grid = try Planning.grid(spacing: Spacing(1, 1, 3))
    let plan = try Planning.plan(#"{"filter": "gaussian", "fwhm_mm": [6, 6, 0]}"#, on: grid)
    let record = try #require(plan.record)
    #expect(record.requestedFWHM?.i == 6 && record.requestedFWHM?.k == nil)
    let realised = try #require(record.realisedFWHM.i)
    #expect(abs(realised - 6) < 0.01 && realised != 6)
    #expect(record.size == PerAxis(21, 21, 1) && record.multipliesBefore == 441 && record.multipliesAfter == 42)
    #expect(plan.findings.isEmpty)
    let json = try JSONReader.parse(Array(record.json.encoded().utf8))
    #expect(json["requested_fwhm_mm"]?.array?.map(\.double) == [6, 6, nil])
    #expect(json["terms"]?.array?.first?["i"]?["taps"]?.array?.count == 21)
    #expect(json["terms"]?.array?.first?["k"] == nil)
  }

  @Test func `a Gaussian too narrow for its voxels is a finding that says what would do`() throws {
    let grid = try Planning.grid(spacing: Spacing(1, 1, 5))
    let plan = try Planning.plan(#"{"filter": "gaussian", "fwhm_mm": 3}"#, on: grid)
    // sigma is 0.2548 voxels, so the neighbours weigh exp(-1 / 0.1298) = 4.5e-4 and the taps' own sigma is 0.030.
    let numbers = "along k 3 mm requested, 0.354 mm realised, 88.204 % narrower (fwhm_tolerance 1 %)"
    #expect(
      plan.findings == [Finding("fwhm-not-realised", numbers + #"; "form": "bessel", "truncate": 6 would realise it"#)])
  }

  /// Each line: the voxel along i, what is told of a Gaussian of 6 mm and the keys; none when all is well.
  @Test(
    arguments: [
      (1, "", nil),
      (
        1, #", "truncate": 2"#,
        #"5.463 mm realised, 8.944 % narrower (fwhm_tolerance 1 %); "truncate": 6 would realise it"#
      ),
      (1, #", "truncate": 2, "fwhm_tolerance": 0.2"#, nil),
      (
        1, #", "fwhm_tolerance": 0"#,
        #"5.998 mm realised, 0.031 % narrower (fwhm_tolerance 0 %); "truncate": 10 would realise it"#
      ),
      (
        2, #", "form": "integrated""#,
        #"6.151 mm realised, 2.519 % wider (fwhm_tolerance 1 %); "form": "bessel" would realise it"#
      ),
      (2, #", "form": "integrated", "fwhm_tolerance": 0.03"#, nil),
      (
        2, #", "form": "bspline", "truncate": 6"#,
        #"6.301 mm realised, 5.009 % wider (fwhm_tolerance 1 %); "form": "bessel" would realise it"#
      ),
      (2, #", "form": "bessel""#, nil),
      (
        2, #", "form": "bessel", "fwhm_tolerance": 0.0001"#, #"(fwhm_tolerance 0.01 %); "truncate": 6 would realise it"#
      ),
      // 0.04 voxels of sigma: even 10 of them do not reach a neighbour.
      (60, "", #"0 mm realised, 100 % narrower (fwhm_tolerance 1 %)"#),
    ] as [(Double, String, String?)])
  func `widths are told with numbers, and advice only where it helps`(
    voxel: Double, keys: String, expected: String?
  ) throws {
    let grid = try Planning.grid(spacing: Spacing(voxel, 1, 1))
    let filter = try Planning.filter(#"{"filter": "gaussian", "fwhm_mm": 6, "axes": ["i"]\#(keys)}"#)
    let found = try filter.plan(for: grid).findings.map(\.detail)
    guard let expected else { return #expect(found == []) }
    #expect(
      found.count == 1 && found[0].hasPrefix("along i 6 mm requested, ") && found[0].hasSuffix(expected), "\(found)")
  }

  @Test func `advice is for all axes, not for the worst alone`() throws {
    let grid = try Planning.grid(spacing: Spacing(2, 2, 2))
    // Truncation makes up for what integration widens. A larger truncate helps j and spoils i; only another form does.
    let element = #"{"filter": "gaussian", "fwhm_mm": [9, 14, 0], "truncate": 2.6, "form": "integrated"}"#
    let details = try Planning.plan(element, on: grid).findings.map(\.detail)
    #expect(details.count == 1 && details[0].hasPrefix("along j "), "\(details)")
    #expect(details[0].hasSuffix(#"; "form": "bessel", "truncate": 6 would realise it"#), "\(details)")
  }

  @Test func `the log tells the form`() throws {
    for form in Gaussian.Form.allCases {
      let element = #"{"filter": "gaussian", "fwhm_mm": 6, "form": "\#(form.rawValue)"}"#
      let plan = try Planning.plan(element, on: Planning.grid(spacing: Spacing(2, 2, 2)))
      let json = try JSONReader.parse(Array(try #require(plan.record).json.encoded().utf8))
      #expect(json["form"]?.string == form.rawValue)
      let taps = try Gaussian.taps(sigma: 6 / Gaussian.fwhmPerSigma / 2, form: form)
      #expect(try Planning.passes(plan) == PerAxis(all: taps))
      let realised = try #require(taps.realisedFWHM) * 2
      #expect(json["realised_fwhm_mm"]?.array?.map(\.double) == [realised, realised, realised])
    }
  }

  @Test func `a box's record holds its width in mm`() throws {
    let plan = try Planning.plan(#"{"filter": "box", "width_mm": 5}"#, on: Planning.grid())
    let json = try JSONReader.parse(Array(try #require(plan.record).json.encoded().utf8))
    #expect(json["requested_width_mm"]?.array?.map(\.double) == [5, 5, 5])
    #expect(json["realised_width_mm"]?.array?.map(\.double) == [5, 6, 7.5])
    #expect(json["sigma_vox"] == nil)
  }

  @Test func `a convolution's record holds the weights as they run`() throws {
    let element = #"{"filter": "kernel", "weights": [1, 2, 3], "mode": "convolve"}"#
    let record = try #require(try Planning.plan(element, on: Planning.grid()).record)
    #expect(record.terms.first?.i?.weights == [3, 2, 1])
    let dense = #"{"filter": "kernel", "weights": [[1, 2], [2, 3]], "mode": "convolve"}"#
    let json = try #require(try Planning.plan(dense, on: Planning.grid()).record).json.encoded()
    #expect(json.hasSuffix(#""weights":["0x1.8p+1","0x1p+1","0x1p+1","0x1p+0"],"origin":[0,0,0]}"#))
  }

  @Test func `kernels too long for a line of the log leave their taps out`() throws {
    let grid = try Planning.grid(spacing: Spacing(1, 1, 1))
    let record = try #require(try Planning.plan(#"{"filter": "gaussian", "sigma_vox": 1000}"#, on: grid).record)
    #expect(record.json.encoded().hasSuffix(#""taps_left_out":24003}"#))
  }

  @Test(arguments: [
    (0.0, "0x0p+0"), (-0.0, "-0x0p+0"), (1, "0x1p+0"), (-2.5, "-0x1.4p+1"), (0.1, "0x1.999999999999ap-4"),
    (.pi, "0x1.921fb54442d18p+1"), (1 + .ulpOfOne, "0x1.0000000000001p+0"),
    (.greatestFiniteMagnitude, "0x1.fffffffffffffp+1023"), (.leastNormalMagnitude, "0x1p-1022"),
    (.leastNonzeroMagnitude, "0x1p-1074"), (.infinity, "inf"), (-.infinity, "-inf"), (.nan, "nan"),
  ])
  func `hexadecimal texts are exact`(number: Double, expected: String) {
    #expect(number.hexadecimal == expected)
    if !number.isNaN { #expect(Double(expected) == number) }
  }

  @Test func `hexadecimal texts read back the same`() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<10_000 {
      let number = Double(bitPattern: random.next())
      if !number.isNaN { #expect(Double(number.hexadecimal) == number) }
    }
  }
}
