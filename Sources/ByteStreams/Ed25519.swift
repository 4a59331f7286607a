import CCodec

/// The private half of an Ed25519 key pair (RFC 8032), as `openssl genpkey -algorithm ed25519` writes it.
package struct SigningKey: Sendable {
  private let bytes: [UInt8]
  package let publicKey: PublicKey

  /// Reads a PEM file with an unencrypted private key; `nil` for anything else.
  package init?(pem: [UInt8]) {
    guard let bytes = PEM.body(of: pem, label: "PRIVATE KEY", prefix: PEM.privateKeyPrefix) else { return nil }
    var publicBytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
    guard ccodec_ed25519_public(bytes, &publicBytes) == 1, let publicKey = PublicKey(bytes: publicBytes) else {
      return nil
    }
    self.bytes = bytes
    self.publicKey = publicKey
  }

  /// 64 bytes, the same for the same message.
  package func signature(of message: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: PublicKey.signatureByteCount) { buffer, count in
      guard let address = buffer.baseAddress, ccodec_ed25519_sign(bytes, message, message.count, address) == 1 else {
        preconditionFailure("libcrypto failed in memory")
      }
      count = PublicKey.signatureByteCount
    }
  }
}

/// The public half: who has it can check signatures and make none.
package struct PublicKey: Hashable, Sendable {
  package static let byteCount = 32
  package static let signatureByteCount = 64

  /// Always 32.
  package let bytes: [UInt8]

  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// Reads a PEM file as `openssl pkey -pubout` writes it; `nil` for anything else.
  package init?(pem: [UInt8]) {
    guard let bytes = PEM.body(of: pem, label: "PUBLIC KEY", prefix: PEM.publicKeyPrefix) else { return nil }
    self.init(bytes: bytes)
  }

  /// Whether this key's owner signed these bytes.
  package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    signature.count == Self.signatureByteCount
      && ccodec_ed25519_verify(bytes, message, message.count, signature) == 1
  }
}

extension PublicKey: CustomStringConvertible {
  /// The end of the key's line in its PEM file, and whole in the log.
  package var description: String { Base64.encode(bytes) }
}

/// The two forms of PEM file (RFC 7468) that an Ed25519 key has; each is a fixed prefix and 32 bytes (RFC 8410).
private enum PEM {
  static let privateKeyPrefix: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]
  static let publicKeyPrefix: [UInt8] = [
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  static func body(of file: [UInt8], label: String, prefix: [UInt8]) -> [UInt8]? {
    let lines = String(decoding: file, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard lines.count >= 3, lines.first == "-----BEGIN \(label)-----", lines.last == "-----END \(label)-----",
      let bytes = Base64.decode(lines.dropFirst().dropLast().joined()), bytes.starts(with: prefix),
      bytes.count == prefix.count + PublicKey.byteCount
    else { return nil }
    return Array(bytes.dropFirst(prefix.count))
  }
}
