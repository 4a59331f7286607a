import ByteStreams
import Foundation
import Testing

@Suite struct Ed25519Tests {
  /// RFC 8032, section 7.1, tests 1 to 3: private key, public key, message, signature.
  static let examples = [
    (
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ),
    (
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    ),
    (
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    ),
  ]

  static func bytes(_ hex: String) -> [UInt8] {
    stride(from: 0, to: hex.utf8.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
  }

  static func pem(_ label: String, _ bytes: [UInt8]) -> [UInt8] {
    Array("-----BEGIN \(label)-----\n\(Base64.encode(bytes))\n-----END \(label)-----\n".utf8)
  }

  static func privatePEM(_ key: String) -> [UInt8] {
    pem("PRIVATE KEY", bytes("302e020100300506032b657004220420") + bytes(key))
  }

  @Test func `signatures are those of RFC 8032`() throws {
    for (privateKey, publicKey, message, signature) in Self.examples {
      let key = try #require(SigningKey(pem: Self.privatePEM(privateKey)))
      #expect(key.publicKey.bytes == Self.bytes(publicKey))
      #expect(
        PublicKey(pem: Self.pem("PUBLIC KEY", Self.bytes("302a300506032b6570032100") + Self.bytes(publicKey)))
          == key.publicKey)
      #expect(key.signature(of: Self.bytes(message)) == Self.bytes(signature))
      #expect(key.publicKey.verifies(Self.bytes(signature), of: Self.bytes(message)))
    }
  }

  @Test func `no flipped bit of signature, message or key passes`() throws {
    let key = try #require(SigningKey(pem: Self.privatePEM(Self.examples[0].0)))
    let message = Array("head".utf8)
    let signature = key.signature(of: message)
    for bit in 0..<signature.count * 8 {
      var other = signature
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(!key.publicKey.verifies(other, of: message), "bit \(bit)")
    }
    for bit in 0..<message.count * 8 {
      var other = message
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(!key.publicKey.verifies(signature, of: other), "bit \(bit)")
    }
    for bit in 0..<256 {
      var other = key.publicKey.bytes
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(try !#require(PublicKey(bytes: other)).verifies(signature, of: message), "bit \(bit)")
    }
    #expect(!key.publicKey.verifies([], of: message) && !key.publicKey.verifies(signature + [0], of: message))
  }

  @Test func `other files are no keys`() throws {
    let good = Self.privatePEM(Self.examples[0].0)
    let text = String(decoding: good, as: UTF8.self)
    let others = [
      "", "\n", "-----BEGIN PRIVATE KEY-----", text.replacing("PRIVATE", with: "PUBLIC"),
      text.replacing("PRIVATE", with: "ENCRYPTED PRIVATE"), text.replacing("MC4C", with: "MC4D"),
      text.replacing("-----END", with: "-----BEGIN"), text + text,
      String(text.dropLast(20)),
    ]
    for other in others {
      #expect(SigningKey(pem: Array(other.utf8)) == nil, "\(other)")
      #expect(PublicKey(pem: Array(other.utf8)) == nil, "\(other)")
    }
    #expect(SigningKey(pem: Array(text.replacing("\n", with: "\r\n").utf8)) != nil)
    #expect(PublicKey(bytes: [1]) == nil)
  }

  @Test func `base64 is that of RFC 4648, and each text has one reading`() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 77 + count) }
      #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    for text in ["A", "AA", "AAA", "A===", "AB==", "AAB=", "AA=A", "=AAA", "AA==AA==", "A\nAA", "AA-_", "AAAÄ"] {
      #expect(Base64.decode(text) == nil, "\(text)")
    }
  }
}
