import ByteStreams
import StrictJSON

/// What `provenance.head` says: how long the log is and the one hash that stands for its lines.
///
///     medfilter/6f0c2f1e-7a51-4b06-9d6d-0a5c3b7f4e21
///     4312
///     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// The text is that of a C2SP checkpoint (https://c2sp.org/tlog-checkpoint): origin, size, Merkle root in base64.
package struct LogHead: Equatable, Sendable {
  package let logID: String
  /// Lines of the log that the head covers.
  package let size: Int
  package let root: Digest

  package init(logID: String, size: Int, root: Digest) {
    self.logID = logID
    self.size = size
    self.root = root
  }

  /// Names the log, and the key that signs it.
  var origin: String { "\(Self.originPrefix)\(logID)" }
  static let originPrefix = "medfilter/"

  /// What is signed.
  package var text: String { "\(origin)\n\(size)\n\(Base64.encode(root.bytes))\n" }

  /// One line that says the same, for a journal.
  package var line: String { "head \(origin) size=\(size) root=\(Base64.encode(root.bytes))" }

  /// The three parts for programs.
  package var json: JSONOutput {
    .object([("log", .string(logID)), ("size", .int(size)), ("root", .string(Base64.encode(root.bytes)))])
  }

  /// Reads `json` in the record that begins a log.
  init?(continuedBy genesis: JSONNode) {
    guard let node = genesis["continues"], let log = node["log"]?.string, let size = node["size"]?.int,
      let root = node["root"]?.string
    else { return nil }
    self.init(logID: log, size: "\(size)", root: root)
  }

  /// Exact bytes of the file: the text, and with a key an empty line and the signature, as a C2SP signed note has it.
  package func note(signedBy key: SigningKey?) -> [UInt8] {
    guard let key else { return Array(text.utf8) }
    let signature = keyID(of: key.publicKey) + key.signature(of: Array(text.utf8))
    return Array("\(text)\n\(HeadNote.signatureMark)\(origin) \(Base64.encode(signature))\n".utf8)
  }

  /// Four bytes by which a note tells keys apart.
  func keyID(of key: PublicKey) -> [UInt8] {
    // 1 is the number of Ed25519 in https://c2sp.org/signed-note.
    Array(SHA256.digest(of: Array("\(origin)\n".utf8) + [1] + key.bytes).bytes.prefix(4))
  }
}
