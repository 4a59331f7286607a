import Foundation
import Testing

/// The parts of `plan --json` that tests look at; decoding fails when there is more than one document.
struct PlanDocument: Decodable {
  struct Scan: Decodable {
    let scan: String
    let output: String
    let `class`: String?
  }

  let job: String
  let threads: Int
  let scans: [Scan]

  init(_ text: String) throws { self = try JSONDecoder().decode(PlanDocument.self, from: Data(text.utf8)) }
}

@Suite struct PlanTests {
  @Test(arguments: [[], ["--json"]])
  func `a plan writes nothing`(options: [String]) throws {
    let scratch = try Scratch.threeScans()
    let before = scratch.listing()
    let outcome = try scratch.start(["plan", "job.json"] + options).finish()
    outcome.expect(status: 0)
    #expect(!outcome.stdout.isEmpty)
    #expect(scratch.listing() == before)
  }

  @Test func `the plan's document names every scan with its output`() throws {
    let scratch = try Scratch.threeScans { $0.format = "nii.zst" }
    let outcome = try scratch.medfilter("plan", "job.json", "--json", "--threads", "3")
    let plan = try PlanDocument(outcome.stdout)
    #expect(plan.job == "test" && plan.threads == 3)
    #expect(plan.scans.map(\.scan) == ["a.nii", "sub/b.nii.gz", "sub/c.nii"])
    #expect(plan.scans.map(\.output) == ["a.nii.zst", "sub/b.nii.zst", "sub/c.nii.zst"])
    #expect(outcome.stdout.hasSuffix("}\n") && outcome.stdout.filter { $0 == "\n" }.count == 1)
  }

  @Test func `a plan shows where the first scan goes and how many follow`() throws {
    let scratch = try Scratch.threeScans { $0.format = "nii.zst" }
    let lines = try scratch.medfilter("plan", "job.json").stdout.split(separator: "\n").prefix(3)
    #expect(lines.dropFirst() == ["  a.nii → a.nii.zst", "  and 2 more scans; --json names all"])
  }

  @Test func `a plan names scans that would fail`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([1, 2, 3], to: "in/z.nii")
    let outcome = try scratch.medfilter("plan", "job.json", "--json")
    outcome.expect(status: 3)
    #expect(try PlanDocument(outcome.stdout).scans.map(\.class) == [nil, nil, nil, "E_FMT_UNKNOWN"])
    #expect(outcome.stderr.contains("z.nii: E_FMT_UNKNOWN"))
  }

  @Test func `a width that the weights do not have is a warning in the plan and in the log`() throws {
    // Voxels of 1 mm: little is left of a sigma of 0.3 voxels.
    let filters = #"[{"filter": "gaussian", "sigma_vox": [0.3, 0, 0]}]"#
    let scratch = try Scratch.threeScans { $0.filters = filters }
    let numbers = "along i 0.706 mm requested, 0.206 mm realised, 70.802 % narrower (fwhm_tolerance 1 %); "
    let plan = try scratch.medfilter("plan", "job.json")
    plan.expect(status: 0)
    #expect(plan.stdout.contains("FWHM 0.706 × – × – mm requested, 0.206 × – × – mm realised"), "\(plan)")
    #expect(plan.stdout.contains("sigma 0.3 × – × – voxels, sampled"))
    #expect(plan.stdout.contains("warning: fwhm-not-realised: \(numbers)\"form\": \"bessel\""), "\(plan)")
    try scratch.medfilter("run", "job.json").expect(status: 0)
    let log = scratch.text("out/provenance.jsonl")
    #expect(log.contains(#""findings":[{"code":"fwhm-not-realised","detail":"\#(numbers)"#))
  }

  @Test func `a run tells of each grid once what its filters do not do as asked`() throws {
    let scratch = try Scratch.threeScans {
      $0.filters =
        #"[{"filter": "gaussian", "sigma_vox": 0.3}, {"filter": "gaussian", "sigma_vox": 0.35, "order": [1, 0, 0], "fwhm_tolerance": 1}]"#
    }
    var wide = TinyScan.noise(4, 4, 4)
    wide.spacing = [2, 2, 2]
    try scratch.write(wide, to: "in/wide.nii")
    let outcome = try scratch.medfilter("run", "job.json")
    outcome.expect(status: 0)
    let warnings = outcome.stderr.split(separator: "\n").filter { $0.contains("warning: ") }
    let width = "70.802 % narrower (fwhm_tolerance 1 %); \"form\": \"bessel\", \"truncate\": 6 would realise it"
    let slope = "answer-not-realised: along i the weights answer a ramp, x, with 0.2666 instead of 1, 73.3 % off"
    #expect(warnings.count == 2, "\(warnings)")
    #expect(
      warnings[0].hasPrefix(
        "medfilter: warning: job.json: 3 scans of voxels of 1 mm on 2 grids: filters[0] (gaussian): fwhm-not-realised: "
          + "along i, j and k 0.706 mm requested, 0.206 mm realised, \(width); filters[1] (gaussian): \(slope)"))
    #expect(
      warnings[1].hasPrefix(
        "medfilter: warning: job.json: 1 scan of 4×4×4 voxels of 2 mm: filters[0] (gaussian): fwhm-not-realised: "
          + "along i, j and k 1.413 mm requested, 0.413 mm realised, \(width)"), "\(warnings)")
    #expect(!outcome.stderr.contains("findings:"), "\(outcome)")
    #expect(try scratch.medfilter("run", "job.json", "--quiet").stderr.isEmpty)
  }
}
