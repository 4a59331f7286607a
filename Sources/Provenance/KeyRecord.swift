import ByteStreams
import StrictJSON

/// The `key` record: from its line on, heads are signed with this key.
extension PublicKey {
  private static let algorithm = "ed25519"

  /// What a `key` record tells.
  var fields: [(String, JSONOutput)] {
    [("algorithm", .string(Self.algorithm)), ("public_key", .string(description))]
  }

  init?(record node: JSONNode) {
    guard node["algorithm"]?.string == Self.algorithm,
      let bytes = node["public_key"]?.string.flatMap({ Base64.decode($0) })
    else { return nil }
    self.init(bytes: bytes)
  }
}
