import ByteStreams
import DurableIO
import StrictJSON

/// A member of a record that is too long for a line. It lies in a file of its own beside the log, `record-<SHA-256>.json`,
/// and in its place the record has the file's name, digest and size.
package struct KeptPart: Hashable, Sendable {
  package let sha256: Digest
  package let bytes: Int

  private static let (prefix, suffix) = ("record-", ".json")

  init(_ content: [UInt8]) {
    sha256 = SHA256.digest(of: content)
    bytes = content.count
  }

  package var name: String { "\(Self.prefix)\(sha256.hex)\(Self.suffix)" }

  package var json: JSONOutput {
    .object([("in_file", .string(name)), ("sha256", .string(sha256.hex)), ("bytes", .int(bytes))])
  }

  /// Nil for any other value; the name follows from the digest, so that no record can name another file.
  package init?(_ node: JSONNode) {
    guard node.members?.count == 3, let name = node["in_file"]?.string, let bytes = node["bytes"]?.int, bytes >= 0,
      let sha256 = node["sha256"]?.string.flatMap(Digest.init(hex:))
    else { return nil }
    (self.sha256, self.bytes) = (sha256, bytes)
    guard name == self.name else { return nil }
  }

  /// All that a record holds, in the order of its members.
  static func all(in record: JSONNode) -> [KeptPart] {
    (record.members ?? []).compactMap { KeptPart($0.node) }
  }

  /// What was kept, read from beside the log.
  ///
  /// - Throws: what is wrong with the file.
  package func node(beneath folder: OpenFolder) throws(Problem) -> JSONNode {
    let content = try content(beneath: folder)
    do {
      return try JSONReader.parse(content, limits: JSONLimits(bytes: max(1, bytes)))
    } catch {
      throw Problem(.keptPartChanged, line: nil, expected: "\(name) to hold JSON", found: "something else")
    }
  }

  func content(beneath folder: OpenFolder) throws(Problem) -> [UInt8] {
    let content: [UInt8]
    do {
      content = try folder.publishedFile(at: name).bytes(limit: bytes + 1)
    } catch {
      let kind: Problem.Kind = error.isMissing ? .keptPartMissing : .keptPartChanged
      throw Problem(kind, line: nil, expected: "\(name), which the record needs", found: "\(error)")
    }
    guard KeptPart(content) == self else {
      let found = content.count == bytes ? "SHA-256 \(SHA256.digest(of: content))" : "another size"
      throw Problem(.keptPartChanged, line: nil, expected: "\(name) with \(bytes) bytes", found: found)
    }
    return content
  }
}

extension OutputFolder {
  /// Writes a part where it is not there already.
  func keep(_ part: KeptPart, _ content: [UInt8]) throws(DurableFailure) {
    if let found = try? part.content(beneath: root), found == content { return }
    try publish(content, as: part.name, replacing: true)
  }
}
