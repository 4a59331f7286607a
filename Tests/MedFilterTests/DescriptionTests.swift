import Foundation
import MedFilter
import Testing

/// Whoever prints something of the library, or lets a debugger do so, sees no text of a header: names stand there.
@Suite struct DescriptionTests {
  private static let name = "Meier^Anna"

  /// In every field of text that a header has, and in an extension.
  private func scan() throws -> Archive {
    let archive = try Archive()
    try archive.writeScan([1, 2, 3, 4], to: "in/a.nii")
    var bytes = try Data(contentsOf: archive.url("in/a.nii"))
    for offset in [4, 14, 148, 228, 328] { bytes.replaceSubrange(offset..<offset + 10, with: Self.name.utf8) }
    var extended = Data(count: 32)
    extended.replaceSubrange(0..<4, with: withUnsafeBytes(of: Int32(32)) { Data($0) })
    extended.replaceSubrange(4..<8, with: withUnsafeBytes(of: Int32(6)) { Data($0) })
    extended.replaceSubrange(8..<18, with: Self.name.utf8)
    bytes[348] = 1
    bytes.replaceSubrange(108..<112, with: withUnsafeBytes(of: Float(384)) { Data($0) })
    bytes.insert(contentsOf: extended, at: 352)
    try bytes.write(to: archive.url("in/a.nii"))
    try archive.writeJob()
    return archive
  }

  /// Everything that Swift makes of a value without being asked for anything in particular.
  private func texts(of value: Any) -> [String] {
    var dumped = ""
    dump(value, to: &dumped)
    return ["\(value)", String(reflecting: value), dumped, "\([value])", String(reflecting: [value, value])]
      + [String(describing: Optional(value)), "\(Mirror(reflecting: value).children.map { $0 })"]
  }

  private struct Wrapper {
    let value: Any
  }

  private func expectNoName(in value: Any, _ comment: String) {
    let bytes = Self.name.utf8.map { "\($0)" }
    for text in texts(of: value) + texts(of: Wrapper(value: value)) {
      #expect(!text.contains("Meier") && !text.contains("Anna"), "\(comment): \(text.prefix(300))")
      // The raw bytes as numbers, one on each line or with commas.
      let digits = text.split { !$0.isNumber }.joined(separator: ",")
      #expect(!digits.contains(bytes.joined(separator: ",")), "\(comment): raw bytes")
    }
  }

  @Test func `no description of a public type shows header text`() throws {
    let archive = try scan()
    let volume = try Volume(contentsOf: archive.place("in/a.nii"))
    #expect("\(volume)" == "Volume of 4×1×1 voxels of 2.0 × 2.0 × 2.0 mm, in float")
    let chain = try FilterChain([.box(sizeVoxels: 3), .mask("m")], masks: ["m": volume])
    let job = try Job(contentsOf: archive.place("job.json"))
    let summary = try job.run()
    #expect(summary.done == 1)
    let values: [(Any, String)] = [
      (volume, "volume"), (chain, "chain"), (job, "job"), (summary, "summary"),
      (try chain.apply(to: volume), "result"), (FilterElement.box(sizeVoxels: 3), "element"),
      (LogGuards(), "guards"), (Volume.Grid([4]), "grid"), (Canceller(), "canceller"),
      (Wrapper(value: volume), "wrapper"), (Result<Volume, MedFilterError>.success(volume), "result of a call"),
    ]
    for (value, comment) in values { expectNoName(in: value, comment) }
    // The name is there: what is written holds it.
    try volume.write(to: archive.place("b.nii"))
    #expect(try Data(contentsOf: archive.url("b.nii")).range(of: Data(Self.name.utf8)) != nil)
  }

  @Test func `errors show none either`() throws {
    let archive = try scan()
    var bytes = try Data(contentsOf: archive.url("in/a.nii"))
    bytes.removeLast(3)
    try bytes.write(to: archive.url("in/a.nii"))
    let error = try #require(throws: MedFilterError.self) { try Volume(contentsOf: archive.place("in/a.nii")) }
    expectNoName(in: error, "error")
  }
}
