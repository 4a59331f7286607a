import Foundation
import Testing

@Suite struct KernelTests {
  private static let product = #"{"weights": [[6, 8, 2], [24, 32, 8], [9, 12, 3]]}"#

  private func scratch(_ weights: String = product) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(Array(weights.utf8), to: "weights.json")
    return scratch
  }

  /// The rows of the text by their names; continued rows are joined.
  private func rows(_ text: String) -> [String: String] {
    var rows: [String: String] = [:]
    var name = ""
    for line in text.split(separator: "\n").dropFirst() where line.hasPrefix("  ") {
      let parts = line.dropFirst(2).split(separator: "  ", maxSplits: 1)
      if !line.hasPrefix("    ") { name = String(parts[0]) }
      let value = line.hasPrefix("    ") ? line[...] : parts.count > 1 ? parts[1] : ""
      rows[name, default: ""] += (rows[name] == nil ? "" : "\n") + value.trimmingCharacters(in: .whitespaces)
    }
    return rows
  }

  // MARK: - The seed cases

  @Test func `(3 4 1) ⊗ (2 8 3) comes apart into these integers`() throws {
    let outcome = try scratch().medfilter("kernel", "weights.json")
    outcome.expect(status: 0)
    #expect(outcome.stderr.isEmpty, "\(outcome)")
    #expect(outcome.stdout.hasPrefix("weights: 3×3×1 voxels, rank 1, separable\n"))
    let rows = rows(outcome.stdout)
    #expect(rows["factors"] == "i  3 4 1\nj  2 8 3")
    #expect(rows["path"] == "separable: the weights are an outer product of integers, exactly")
    #expect(rows["multiplies"] == "6 per voxel instead of 9, 1.5 times fewer; one outer product: 3·3 / (3 + 3) = 1.5")
    #expect(rows["weights"] == "integers; sum 104, of magnitudes 104")
  }

  @Test func `(6 12) ⊗ (6 27) comes apart into an exact pair`() throws {
    let document = try document(of: #"{"weights": [[36, 162], [72, 324]]}"#)
    let term = try #require((document["terms"] as? [[String: [Int]]])?.first)
    let (i, j) = (try #require(term["i"]), try #require(term["j"]))
    #expect(j.flatMap { b in i.map { $0 * b } } == [36, 162, 72, 324])
    #expect(document["integer"] as? Bool == true && document["bound"] as? Double == 0)
  }

  @Test func `a 13×13 Gaussian of sigma 3 and peak 3.5 has factors of one size that rebuild it`() throws {
    let weights = (-6...6).map { y in (-6...6).map { x in 3.5 * exp(-Double(x * x + y * y) / 18) } }
    try expectBalanced(weights)
  }

  @Test func `a 21×21 Gaussian has factors of one size that rebuild it`() throws {
    let weights = (-10...10).map { y in (-10...10).map { x in exp(-Double(x * x + y * y) / 32) } }
    try expectBalanced(weights)
  }

  private func expectBalanced(_ weights: [[Double]]) throws {
    let document = try document(of: "{\"weights\": \(weights)}")
    #expect(document["method"] as? String == "separable" && document["rank"] as? Int == 1)
    let term = try #require((document["terms"] as? [[String: [Double]]])?.first)
    let (i, j) = (try #require(term["i"]), try #require(term["j"]))
    let norm = { (taps: [Double]) in taps.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(abs(norm(i) / norm(j) - 1) < 1e-12)
    let largest = weights.joined().max() ?? 0
    for (row, b) in zip(weights, j) {
      for (weight, a) in zip(row, i) { #expect(abs(a * b - weight) <= 1e-15 * largest) }
    }
  }

  private func document(of weights: String) throws -> [String: Any] {
    let outcome = try scratch(weights).medfilter("kernel", "weights.json", "--json")
    outcome.expect(status: 0)
    return try #require(try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any])
  }

  // MARK: - The document

  @Test func `the document has the keys of the interface`() throws {
    let document = try document(of: Self.product)
    let keys = [
      "size", "integer", "rank", "singular_values", "method", "terms", "bound", "multiplies_before", "multiplies_after",
    ]
    for key in keys { #expect(document[key] != nil, "\(key)") }
    #expect(document["size"] as? [Int] == [3, 3, 1] && document["multiplies_before"] as? Int == 9)
    #expect(document["multiplies_after"] as? Int == 6)
  }

  // MARK: - Sources

  @Test func `the voxels of a scan are weights of its voxel size`() throws {
    let scratch = try Scratch()
    var scan = TinyScan(dims: [3, 3], type: .float64, values: [1, 2, 1, 2, 4, 2, 1, 2, 1].map { $0 / 16 })
    scan.spacing = [1, 2, 1]
    try scratch.write(scan, to: "binomial.nii")
    let outcome = try scratch.medfilter("kernel", "binomial.nii")
    outcome.expect(status: 0)
    let rows = rows(outcome.stdout)
    #expect(rows["weights"] == "integers times 0.0625, which the last factor contains; sum 1, of magnitudes 1")
    #expect(rows["FWHM realised, mm"]?.split(separator: " ") == ["1.665", "3.33"])
    let other = try scratch.medfilter("kernel", "binomial.nii", "--spacing", "2")
    #expect(self.rows(other.stdout)["FWHM realised, mm"]?.split(separator: " ") == ["3.33", "3.33"])
  }

  @Test func `a job's filters are counted from 0`() throws {
    let scratch = try Scratch.threeScans {
      $0.filters =
        #"[{"filter": "gaussian", "fwhm_mm": 3}, {"filter": "clamp", "lower": 0}, {"filter": "box", "size_vox": 3}]"#
    }
    let gaussian = try scratch.medfilter("kernel", "job.json", "--filter", "0", "--spacing", "1,1,2")
    gaussian.expect(status: 0)
    #expect(gaussian.stdout.hasPrefix("gaussian: "), "\(gaussian)")
    #expect(try scratch.medfilter("kernel", "job.json", "--filter", "2").stdout.hasPrefix("box: 3×3×3 voxels"))
    for (filter, sentence) in [
      ("1", "filters[1]: expected a filter with a kernel, found one that looks at single voxels"),
      ("3", "--filter: expected 0 to 2"), ("0", "--spacing: missing"),
    ] {
      let outcome = try scratch.medfilter("kernel", "job.json", "--filter", filter)
      outcome.expect(status: 64)
      #expect(outcome.stderr.contains(sentence), "\(outcome)")
    }
  }

  @Test func `a width that the voxels do not realise is a warning`() throws {
    let outcome = try scratch().medfilter("kernel", "--gaussian", "sigma_vox=0.3")
    outcome.expect(status: 0)
    #expect(outcome.stderr.contains("warning: fwhm-not-realised: along i"), "\(outcome)")
    #expect(!outcome.stderr.contains("mm"))
  }

  // MARK: - Refusals

  @Test(
    arguments: [
      ([], 64, "expected one kernel"),
      (["weights.json", "--sobel", "axis=i"], 64, "found weights.json and --sobel"),
      (["missing.json"], 66, "missing.json: there is no such file"),
      (["missing.nii"], 66, "missing.nii: there is no such file"),
      (["misspelt.json"], 64, #"misspelt.json: weight: unknown key; did you mean "weights"?"#),
      (["--gaussian", "fwhm_m=3"], 64, #"--gaussian: fwhm_m: unknown key; did you mean "fwhm_mm"?"#),
      (["--gaussian", "sigma_vox=2", "--spacing", "1,0,1"], 64, "--spacing: expected three lengths in mm"),
      (["--sobel", "axis=i", "--filter", "0"], 64, "--filter: expected a job file"),
      (["four.nii"], 65, "expected one volume of weights, found 3×3×3×2, 2 volumes"),
      (["nan.nii"], 65, "expected numbers, found 1 that are NaN or infinite"),
      (["large.nii"], 65, "expected at most 1048576 weights"),
      (["short.nii"], 65, "E_TRUNCATED"),
      (["weights.json", "--svg", "picture.png"], 64, "expected a name that ends in .svg"),
      (["weights.json", "--svg", "nowhere/a.svg"], 73, "nowhere/a.svg: there is no such file or folder"),
      (["weights.json", "--svg", "link.svg"], 73, "link.svg: is a symbolic link"),
      (["weights.json", "--svg", "folder.svg"], 73, "folder.svg: is a folder"),
    ] as [([String], Int32, String)])
  func `what is no kernel, or has no place for its picture, is refused`(
    arguments: [String], status: Int32, sentence: String
  ) throws {
    let scratch = try scratch()
    try scratch.write(Array(#"{"weight": [1, 2, 1]}"#.utf8), to: "misspelt.json")
    try scratch.write(TinyScan.noise(3, 3, 3, 2), to: "four.nii")
    try scratch.write(TinyScan(dims: [3], type: .float32, values: [1, .nan, 1]), to: "nan.nii")
    try scratch.write(TinyScan.noise(1025, 1024, type: .uint8), to: "large.nii")
    try scratch.write(Array(TinyScan.noise(3, 3).bytes.dropLast()), to: "short.nii")
    try scratch.write(Array("mine".utf8), to: "target.txt")
    try scratch.link("link.svg", to: "target.txt")
    try FileManager.default.createDirectory(atPath: scratch.place("folder.svg"), withIntermediateDirectories: false)
    let before = scratch.listing()
    let outcome = try scratch.start(["kernel"] + arguments).finish()
    outcome.expect(status: status)
    #expect(outcome.stdout.isEmpty && outcome.stderr.contains(sentence), "\(outcome)")
    #expect(scratch.listing() == before && scratch.text("target.txt") == "mine")
  }

  // MARK: - The picture

  @Test(arguments: [
    ["weights.json"], ["ball.json"], ["--log", "sigma_vox=2"], ["--gaussian", "fwhm_mm=6", "--spacing", "1,1,2.5"],
    ["dense.json"], ["zero.json"], ["huge.json"], ["--gaussian", "sigma_vox=300,axes=k"], ["--box", "size_vox=1"],
  ])
  func `the picture is well-formed, always the same, and has no script`(arguments: [String]) throws {
    let scratch = try scratch()
    let ball = (-7...7).map { k in (-7...7).map { j in (-7...7).map { i in i * i + j * j + k * k <= 49 ? 1 : 0 } } }
    try scratch.write(Array("{\"weights\": \(ball)}".utf8), to: "ball.json")
    try scratch.write(Array(#"{"weights": [[1, 2], [3, 5]], "method": "dense"}"#.utf8), to: "dense.json")
    try scratch.write(Array(#"{"weights": [[0, 0], [0, 0]]}"#.utf8), to: "zero.json")
    try scratch.write(Array(#"{"weights": [[4e307, 4e307], [4e307, -4e307]]}"#.utf8), to: "huge.json")
    for name in ["a.svg", "b.svg"] {
      let outcome = try scratch.start(["kernel"] + arguments + ["--svg", name]).finish()
      outcome.expect(status: 0)
    }
    let picture = scratch.text("a.svg")
    #expect(picture == scratch.text("b.svg"))
    #expect(picture.hasPrefix("<?xml") && picture.contains("xmlns=\"http://www.w3.org/2000/svg\""))
    #expect(!picture.contains("<script") && !picture.contains("href") && !picture.contains("<style"))
    // A coordinate that is no number would be drawn nowhere.
    #expect(picture.firstRange(of: #/="[^"]*(nan|inf)[^"]*"/#) == nil)
    try expectWellFormed(picture)
    #expect(scratch.temporaryFiles.isEmpty)
  }

  /// Every element is closed in the order of opening, and no bare `&` or `<` stands in texts.
  private func expectWellFormed(_ text: String) throws {
    var (open, elements) = ([Substring](), 0)
    for match in text.matches(
      of:
        #/<(?<close>/?)(?<name>[a-z?]+)(?<attributes>(?: [a-zA-Z:-]+="[^"<&]*(?:&[a-z]+;[^"<&]*)*")*) ?(?<end>[/?]?)>/#)
    {
      elements += 1
      guard match.end.isEmpty else { continue }
      if match.close.isEmpty { open.append(match.name) } else { #expect(open.popLast() == match.name) }
    }
    #expect(open.isEmpty && elements > 10)
    let texts = text.replacing(#/<[^<>]*>/#, with: "")
    #expect(texts.firstRange(of: #/[<>]|&(?!(amp|lt|gt|quot);)/#) == nil)
  }

  @Test func `a picture takes the place of an older one`() throws {
    let scratch = try scratch()
    try scratch.write(Array("old".utf8), to: "a.svg")
    try scratch.medfilter("kernel", "weights.json", "--svg", "a.svg").expect(status: 0)
    #expect(scratch.text("a.svg").hasSuffix("</svg>\n"))
  }
}
