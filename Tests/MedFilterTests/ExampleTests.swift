import Foundation
import MedFilter
import Testing

/// What the library's page shows can be compiled.
@Suite struct ExampleTests {
  private func example() throws {
    let volume = try Volume(contentsOf: "sub-01_T1w.nii.gz")
    let chain = try FilterChain([.gaussian(fwhmMillimetres: 6), .clamp(lower: 0)])
    let smooth = try chain.apply(to: volume)
    try smooth.write(to: "sub-01_desc-smooth_T1w.nii.gz")

    let job = try Job(contentsOf: "job.json")
    let summary = try job.run { progress in
      print(progress)
      return .goOn
    }
    _ = summary
  }

  @Test func `the library's page shows the example of this file`() throws {
    let here = URL(filePath: #filePath)
    let source = try String(contentsOf: here, encoding: .utf8)
    let body = try #require(source.firstMatch(of: /example\(\) throws \{\n((?s).+?)\n    _ = summary\n/)).1
    let shown = body.split(separator: "\n", omittingEmptySubsequences: false).map { $0.dropFirst(4) }
    let page = here.deletingLastPathComponent()
      .appending(path: "../../Sources/MedFilter/Documentation.docc/MedFilter.md").standardized
    #expect(
      try String(contentsOf: page, encoding: .utf8).contains(
        "import MedFilter\n\n\(shown.joined(separator: "\n"))\n```"))
  }
}
