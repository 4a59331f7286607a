import ByteStreams
import Foundation
import Testing

// What somebody does to a log who can write it and its head, and what a death leaves.
extension Scratch {
  /// Gives the log hashes that fit after a change, as somebody would who wants it believed.
  func forgeLog(of root: String = "out", _ change: (String) -> String) throws {
    let lines = change(text("\(root)/provenance.jsonl")).split(separator: "\n")
    var (prev, leaves) = ("", [[UInt8]]())
    let forged = try lines.enumerated().map { seq, line in
      let rest = try #require(line.firstRange(of: ",\"time\""))
      let first = try #require(line.firstRange(of: "\"prev\":\"")?.upperBound)
      if seq == 0 { prev = String(line[first...].prefix(64)) }
      let bytes = Array("{\"v\":1,\"seq\":\(seq),\"prev\":\"\(prev)\"\(line[rest.lowerBound...])".utf8)
      let leaf = SHA256.digest(of: [0] + bytes)
      (prev, leaves) = (leaf.hex, leaves + [leaf.bytes])
      return bytes + [10]
    }
    try write(Array(forged.joined()), to: "\(root)/provenance.jsonl")
    try writeHead(over: leaves, of: root)
  }

  /// The log as a run leaves it that dies behind a line, counted from 1; the head still is the one of the log's beginning.
  func cutLog(of root: String = "out", afterLine count: Int, tail: [UInt8] = []) throws {
    let lines = text("\(root)/provenance.jsonl").split(separator: "\n").map { Array($0.utf8) }
    try write(lines.prefix(count).flatMap { $0 + [10] } + tail, to: "\(root)/provenance.jsonl")
    try writeHead(over: [SHA256.digest(of: [0] + lines[0]).bytes], of: root)
  }

  /// The number of the last line of a type.
  func lastLine(of type: String, in root: String = "out") throws -> Int {
    let lines = text("\(root)/provenance.jsonl").split(separator: "\n")
    return try #require(lines.lastIndex { $0.contains("\"type\":\"\(type)\"") }) + 1
  }

  private func writeHead(over leaves: [[UInt8]], of root: String) throws {
    func top(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
      if leaves.count == 1 { return leaves[leaves.startIndex] }
      var half = 1
      while 2 * half < leaves.count { half *= 2 }
      let middle = leaves.startIndex + half
      return SHA256.digest(of: [1] + top(leaves[..<middle]) + top(leaves[middle...])).bytes
    }
    let name = text("\(root)/provenance.head").split(separator: "\n")[0]
    try write(
      Array("\(name)\n\(leaves.count)\n\(Base64.encode(top(leaves[...])))\n".utf8), to: "\(root)/provenance.head")
  }

  /// The document of `verify --json`.
  func verified(_ root: String = "out", _ more: String...) throws -> (outcome: Outcome, document: [String: Any]) {
    let outcome = try start(["verify", "\(root)/provenance.jsonl", "--json"] + more).finish()
    let document = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    return (outcome, document ?? [:])
  }
}
