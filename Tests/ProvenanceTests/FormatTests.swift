import ByteStreams
import Foundation
import Provenance
import SimulatedDisk
import StrictJSON
import Testing

/// The format, against an independent writer (Golden/make.py).
@Suite struct FormatTests {
  @Test func `moments are written as Python writes them, and read back`() throws {
    for line in try goldenLines("moments.txt") {
      let moment = Timestamp(microseconds: try #require(Int(line[0])))
      #expect(moment.description == line[1])
      #expect(Timestamp(String(line[1])) == moment)
    }
  }

  @Test func `a log written by another program verifies`() throws {
    let files = LogFiles(log: try golden("provenance.jsonl"), head: try golden("provenance.head"))
    let report = try files.verify()
    #expect(report.problems == [])
    #expect(report.warnings == [])
    #expect(report.lines == 6)
    #expect(report.logID == "6f0c2f1e-7a51-4b06-9d6d-0a5c3b7f4e21")
  }

  @Test func `heads hold the root of RFC 6962 at every size`() throws {
    // The golden roots are over the lines "line 0", "line 1", ...
    var tree = MerkleTree()
    for line in try goldenLines("roots.txt") {
      #expect(tree.count == Int(line[0]))
      #expect(tree.root.hex == line[1])
      tree.append(MerkleTree.leaf(Array("line \(tree.count)".utf8)))
    }
  }

  @Test func `every line begins with the same five members`() throws {
    let files = try LogFiles.sample(scans: 2)
    for (seq, line) in files.lines.enumerated() {
      let members = try #require(try JSONReader.parse(line).members)
      #expect(members.map(\.key).prefix(5) == ["v", "seq", "prev", "time", "type"])
      #expect(members[1].node.int == seq)
    }
    let types = try files.lines.map { try JSONReader.parse($0)["type"]?.string }
    let scan = ["prepared", "output"]
    #expect(types == ["genesis", "run_start", "kernel"] + scan + scan + ["run_end"])
    let text = String(decoding: try #require(files.head), as: UTF8.self)
    #expect(text.split(separator: "\n")[1] == "8")
  }

  @Test func `identifiers are random UUIDs`() {
    let ids = (0..<100).map { _ in LogID.random() }
    #expect(Set(ids).count == 100)
    #expect(ids.allSatisfy { UUID(uuidString: $0)?.uuidString.lowercased() == $0 })
    #expect(ids.allSatisfy { Array($0)[14] == "4" && "89ab".contains(Array($0)[19]) })
  }
}
