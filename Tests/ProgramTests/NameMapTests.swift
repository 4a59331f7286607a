import Foundation
import Glibc
import Testing

/// The map from keyed hashes back to names.
@Suite struct NameMapTests {
  private func archive(_ change: (inout TestJob) -> Void = { _ in }) throws -> Scratch {
    let scratch = try Scratch.threeScans {
      $0.policy = #"{"names": "hmac"}"#
      change(&$0)
    }
    try scratch.write(Array("0123456789abcdef".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    return scratch
  }

  /// The map's lines: name by path.
  private func map(_ scratch: Scratch) throws -> [String: String] {
    try scratch.text("out/names.jsonl").split(separator: "\n").reduce(into: [:]) { map, line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
      map[object?["path"] ?? ""] = object?["name"]
    }
  }

  @Test func `the map leads from every name in the log to its path, and only the owner can read it`() throws {
    let scratch = try archive { $0.format = "nii.gz" }
    try scratch.write([1, 2, 3], to: "in/bad.nii")
    try scratch.link("in/left-out", to: "../elsewhere")
    try scratch.write(.noise(4, 4, 4), to: "elsewhere/a.nii")
    let outcome = try scratch.medfilter("run", "job.json", under: ["/bin/sh", "-c", #"umask 0; exec "$0" "$@""#])
    outcome.expect(status: 3)
    let map = try map(scratch)
    #expect(
      Set(map.keys) == [
        "a.nii", "a.nii.gz", "sub/b.nii.gz", "sub/c.nii", "sub/c.nii.gz", "bad.nii", "bad.nii.gz", "left-out",
        "left-out.nii.gz",
      ])
    let told = scratch.text("out/provenance.jsonl") + outcome.stderr
    let names = Set(told.matches(of: /hmac:[0-9a-f]{32}/).map { String($0.output) })
    #expect(names.count >= 7 && names.isSubset(of: map.values), "\(names.subtracting(map.values)) \(told)")
    var facts = stat()
    #expect(stat(scratch.place("out/names.jsonl"), &facts) == 0 && facts.st_mode & 0o777 == 0o600)
  }

  @Test func `what was erased stays away until the scan is there again, and the log stays whole`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json")
    let lines = scratch.text("out/names.jsonl").split(separator: "\n").filter { !$0.contains("sub/b") }
    try scratch.write(Array((["# kept"] + lines).joined(separator: "\n").utf8), to: "out/names.jsonl")
    try scratch.remove("in/sub/b.nii.gz")
    try scratch.write(.noise(4, 4, 4), to: "in/d.nii")
    try scratch.medfilter("run", "job.json").expect(status: 0)
    let text = scratch.text("out/names.jsonl")
    #expect(text.hasPrefix("# kept\n" + lines.joined(separator: "\n") + "\n") && !text.contains("sub/b"))
    #expect(text.contains("\"d.nii\""))
    try scratch.remove("out/names.jsonl")
    try scratch.medfilter("verify", "out/provenance.jsonl").expect(status: 0)
    let again = try scratch.medfilter("run", "job.json")
    again.expect(status: 0)
    #expect(again.stderr.contains("3 up to date"), "\(again)")
    #expect(try map(scratch).keys.contains("a.nii"))
  }

  @Test func `another key than before is 64, and nothing is done`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json")
    let log = scratch.bytes("out/provenance.jsonl")
    try scratch.write(Array("another key of the site".utf8), to: "site.key")
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 64)
    #expect(refused.stderr.contains("made with another key"), "\(refused)")
    #expect(scratch.bytes("out/provenance.jsonl") == log)
    try scratch.remove("out/names.jsonl")
    let unknown = try scratch.medfilter("run", "job.json")
    unknown.expect(status: 3)
    #expect(unknown.stderr.contains("E_OUT_EXISTS"), "\(unknown)")
    let keys = try scratch.records().compactMap { $0["names_key"] as? String }
    #expect(keys.count == 2 && keys[0] != keys[1] && keys.allSatisfy { $0.count == 16 })
  }

  @Test func `a map behind a link is not followed`() throws {
    let scratch = try archive()
    try scratch.write(Array("mine".utf8), to: "mine.txt")
    try scratch.link("out/names.jsonl", to: "../mine.txt")
    let refused = try scratch.medfilter("run", "job.json")
    refused.expect(status: 73)
    #expect(refused.stderr.contains("the map of names"), "\(refused)")
    #expect(scratch.text("mine.txt") == "mine" && scratch.outputs() == [])
  }

  @Test func `a key that everybody can read is warned of`() throws {
    let scratch = try archive()
    chmod(scratch.place("site.key"), 0o644)
    #expect(try scratch.medfilter("plan", "job.json").stderr.contains("everybody can read the key"))
    chmod(scratch.place("site.key"), 0o640)
    #expect(try !scratch.medfilter("plan", "job.json").stderr.contains("everybody"))
  }

  @Test func `the key may come as a credential of the service manager, and the variable wins`() throws {
    let scratch = try archive()
    try scratch.medfilter("run", "job.json")
    let map = try map(scratch)
    try scratch.write(Array("0123456789abcdef".utf8), to: "credentials/medfilter-names.key")
    scratch.environment = ["CREDENTIALS_DIRECTORY": scratch.place("credentials")]
    #expect(try scratch.medfilter("run", "job.json").stderr.contains("3 up to date"))
    #expect(try self.map(scratch) == map)
    try scratch.write(Array("another key of the site".utf8), to: "site.key")
    scratch.environment["MEDFILTER_NAMES_KEY_FILE"] = scratch.place("site.key")
    try scratch.medfilter("run", "job.json").expect(status: 64)
  }

  @Test func `jobs without keyed names make no map`() throws {
    let scratch = try Scratch.threeScans()
    try scratch.medfilter("run", "job.json")
    #expect(scratch.bytes("out/names.jsonl") == nil)
  }
}
