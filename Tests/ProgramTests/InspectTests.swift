import Foundation
import Testing

@Suite struct InspectTests {
  private struct Facts: Decodable {
    let voxel_type: String
    let dims: [Int]
    let spacing_mm: [Double]
    let affine: [[Double]]
    let voxel_offset: Int
  }

  private struct Document: Decodable {
    let format: String
    let version: Int
    let file: String
    let sound: Bool
    let facts: Facts?
    let `class`: String?
  }

  @Test func `a sound scan's facts go to standard output`() throws {
    let scratch = try Scratch.threeScans()
    let outcome = try scratch.medfilter("inspect", "in/a.nii", "in/sub/b.nii.gz")
    outcome.expect(status: 0)
    #expect(outcome.stderr.isEmpty, "\(outcome)")
    #expect(outcome.stdout.contains("dims") && outcome.stdout.contains("8×7×6"))
  }

  @Test func `a damaged scan is 65 and is told on standard error, and the others are still shown`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write(Array(TinyScan.noise(6, 6, 6).bytes.dropLast(7)), to: "in/short.nii")
    let outcome = try scratch.medfilter("inspect", "in/short.nii", "in/a.nii", "in/missing.nii")
    outcome.expect(status: 65)
    #expect(outcome.stdout.hasPrefix("in/a.nii\n"))
    #expect(outcome.stderr.contains("in/short.nii: E_TRUNCATED"))
    #expect(outcome.stderr.contains("in/missing.nii: E_IN_OPEN"))
  }

  @Test func `the document is one array in the order of the arguments`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.write([], to: "in/empty.nii")
    let outcome = try scratch.medfilter("inspect", "--json", "in/empty.nii", "in/a.nii")
    outcome.expect(status: 65)
    let documents = try JSONDecoder().decode([Document].self, from: Data(outcome.stdout.utf8))
    #expect(documents.map(\.file) == ["in/empty.nii", "in/a.nii"])
    #expect(documents.map(\.sound) == [false, true])
    #expect(documents[0].class == "E_IN_EMPTY")
    #expect(documents.allSatisfy { $0.format == "medfilter-inspect" && $0.version == 1 })
    let facts = try #require(documents[1].facts)
    #expect(facts.voxel_type == "int16" && facts.dims == [8, 7, 6] && facts.spacing_mm == [1, 1, 1])
    #expect(facts.affine.count == 3 && facts.affine.allSatisfy { $0.count == 4 } && facts.voxel_offset == 352)
  }

  @Test func `free text of the header is not shown`() throws {
    let scratch = try Scratch()
    var scan = TinyScan.noise(4, 4, 4)
    scan.description = "CANARY^JANE"
    try scratch.write(scan, to: "in/a.nii")
    for options in [["inspect", "in/a.nii"], ["inspect", "--json", "in/a.nii"]] {
      let outcome = try scratch.start(options).finish()
      outcome.expect(status: 0)
      #expect(!outcome.stdout.contains("CANARY") && !outcome.stderr.contains("CANARY"))
    }
  }
}
