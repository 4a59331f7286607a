import Foundation
import Testing

@Suite struct VerifyTests {
  private func finished() throws -> (scratch: Scratch, lines: [Substring]) {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json").require(status: 0)
    return (scratch, scratch.text("out/provenance.jsonl").split(separator: "\n"))
  }

  private func expectFound(_ scratch: Scratch, _ lines: [Substring], _ what: String) throws {
    try scratch.write(Array(lines.map { "\($0)\n" }.joined().utf8), to: "out/provenance.jsonl")
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl")
    outcome.expect(status: 65, "\(what) was not found")
    #expect(outcome.stdout.isEmpty && !outcome.stderr.isEmpty)
  }

  @Test func `a whole log is told in one line`() throws {
    let (scratch, lines) = try finished()
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 0)
    #expect(outcome.stderr.isEmpty, "\(outcome)")
    #expect(outcome.stdout.contains("whole: \(lines.count) lines, 3 outputs as recorded, 3 inputs as recorded"))
  }

  @Test func `every deleted, doubled or exchanged line is found`() throws {
    let (scratch, lines) = try finished()
    for index in lines.indices {
      try expectFound(scratch, Array(lines[..<index] + lines[(index + 1)...]), "line \(index + 1) deleted")
    }
    for index in lines.indices.dropLast() {
      try expectFound(scratch, Array(lines[...index] + lines[index...]), "line \(index + 1) doubled")
      var exchanged = lines
      exchanged.swapAt(index, index + 1)
      try expectFound(scratch, exchanged, "lines \(index + 1) and \(index + 2) exchanged")
    }
  }

  @Test func `an edited line and an added one are found`() throws {
    let (scratch, lines) = try finished()
    let output = try #require(lines.firstIndex { $0.contains(#""type":"output""#) })
    var edited = lines
    edited[output] = Substring(lines[output].replacing(#""clipped":0"#, with: #""clipped":1"#))
    #expect(edited != lines)
    try expectFound(scratch, edited, "an edited count")
    try expectFound(scratch, lines + [lines[lines.count - 1]], "a line at the end")
    try expectFound(scratch, lines + ["{}"], "an empty record at the end")
  }

  @Test func `changed and missing outputs are found, and named`() throws {
    let (scratch, _) = try finished()
    var bytes = try #require(scratch.bytes("out/sub/b.nii"))
    bytes[400] ^= 1
    try scratch.write(bytes, to: "out/sub/b.nii")
    try scratch.remove("out/a.nii")
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("output-changed") && outcome.stderr.contains("output-missing"), "\(outcome)")
    try scratch.medfilter("verify", "out/provenance.jsonl", "--no-outputs").expect(status: 0)
  }

  @Test func `changed inputs are found when they are asked for`() throws {
    let (scratch, _) = try finished()
    try scratch.write(.noise(8, 7, 6, seed: 77), to: "in/a.nii")
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    outcome.expect(status: 65)
    #expect(outcome.stderr.contains("input-changed"), "\(outcome)")
  }

  @Test func `pairs and links are found again among the inputs`() throws {
    let scratch = try Scratch.threeScans { $0.input = #"{"root": "in", "symlinks": "follow"}"# }
    let scan = TinyScan.noise(6, 5, 4)
    // In a pair the voxels begin at the image's first byte; offset and magic say so.
    var header = Array(scan.header[..<348])
    header.replaceSubrange(108..<112, with: [0, 0, 0, 0])
    header.replaceSubrange(344..<348, with: Array("ni1\0".utf8))
    try scratch.write(header, to: "in/pair.hdr")
    try scratch.write(Array(scan.bytes[TinyScan.headerBytes...]), to: "in/pair.img")
    try scratch.write(scan, to: "elsewhere/linked.nii")
    try scratch.link("in/linked.nii", to: scratch.place("elsewhere/linked.nii"))
    let run = try scratch.medfilter("run", "job.json")
    try run.require(status: 0)
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in", "--decode")
    outcome.expect(status: 0)
    #expect(outcome.stdout.contains("6 inputs as recorded"), "\(outcome)")
    try scratch.write(scan.bytes, to: "in/pair.img")
    let changed = try scratch.medfilter("verify", "out/provenance.jsonl", "--inputs", "in")
    changed.expect(status: 65)
    #expect(changed.stderr.contains("expected pair.img with"), "\(changed)")
  }

  @Test(arguments: ["nii", "nii.gz", "nii.zst"]) func `voxels are those of the record`(format: String) throws {
    let scratch = try Scratch.threeScans { $0.format = format }
    try scratch.medfilter("run", "job.json")
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl", "--decode")
    outcome.expect(status: 0)
    #expect(outcome.stdout.contains("3 outputs as recorded and decompressed"), "\(outcome)")
  }

  @Test func `scans that nobody recorded are found`() throws {
    let (scratch, _) = try finished()
    try scratch.write(.noise(4, 4, 4), to: "out/sub/foreign.nii")
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl")
    outcome.expect(status: 65)
    #expect(
      outcome.stderr.contains(
        "file-not-recorded: expected an output record for every scan, found none for sub/foreign.nii"))
  }

  @Test func `the document lists the problems`() throws {
    let (scratch, lines) = try finished()
    try scratch.write(Array(lines.dropLast().map { "\($0)\n" }.joined().utf8), to: "out/provenance.jsonl")
    let outcome = try scratch.medfilter("verify", "out/provenance.jsonl", "--json")
    outcome.expect(status: 65)
    let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    #expect(document?["whole"] as? Bool == false)
    #expect((document?["problems"] as? [Any])?.isEmpty == false)
  }
}
