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

  private func exampleInMemory() throws {
    let voxels: [Float] = Array(repeating: 1, count: 64 * 64 * 30)
    let volume = try Volume(voxels, on: Volume.Grid([64, 64, 30], spacing: [2, 2, 2.5]))
    let brain = try Volume(contentsOf: "sub-01_mask.nii.gz")
    let inBrain = FilterElement.LinearOptions(mask: .init("brain", outside: .zero))
    let chain = try FilterChain(
      [.gaussian(.fwhmMillimetres(.init(6, 6, 0)), options: inBrain), .kernel(.line([1, 2, 1]), normalise: .sum)],
      masks: ["brain": brain])
    let canceller = Canceller()
    let smooth = try chain.apply(to: volume, canceller: canceller) { progress in
      print("\(progress.framesDone) of \(progress.frames)")
      return .goOn
    }
    let sum = smooth.withVoxels { voxels in
      switch voxels {
      case .float(let voxels): voxels.reduce(0) { $0 + Double($1) }
      case .double(let voxels): voxels.reduce(0, +)
      }
    }
    _ = sum
  }

  private func exampleOfErrors(_ json: String) throws {
    do {
      let job = try Job(json: json, relativeTo: "/data/study")
      _ = try job.run()
    } catch let error {
      print(error.code ?? "", error.path ?? "", error)
    }
    _ = json
  }

  @Test(arguments: [
    ("example() throws {\n", "\n    _ = summary\n"), ("exampleInMemory() throws {\n", "\n    _ = sum\n"),
    ("exampleOfErrors(_ json: String) throws {\n", "\n    _ = json\n"),
  ])
  func `the library's page shows the examples of this file`(begin: String, end: String) throws {
    let here = URL(filePath: #filePath)
    let source = try String(contentsOf: here, encoding: .utf8)
    let start = try #require(source.range(of: begin)).upperBound
    let stop = try #require(source.range(of: end, range: start..<source.endIndex)).lowerBound
    let lines = source[start..<stop].split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.map { $0.dropFirst(4) }.joined(separator: "\n")
    let page = here.deletingLastPathComponent()
      .appending(path: "../../Sources/MedFilter/Documentation.docc/MedFilter.md").standardized
    #expect(try String(contentsOf: page, encoding: .utf8).contains("\n\(shown)\n```"), "\(shown)")
  }
}
