import ByteStreams
import Testing

@Suite struct DigestTests {
  @Test func `the standard's examples hash as the standard says`() {
    // FIPS 180-2, appendix B.1 and B.2; the empty message is everyone's first test.
    #expect(
      SHA256.digest(of: Array("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256.digest(of: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)).hex
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    #expect(
      SHA256.digest(of: [UInt8]()).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func `pieces hash as the whole, and finalising begins anew`() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var hash = SHA256()
    for _ in 0..<2 {
      for start in stride(from: 0, to: bytes.count, by: 37) {
        hash.update(Array(bytes[start..<min(start + 37, bytes.count)]))
      }
      #expect(hash.finalise() == SHA256.digest(of: bytes))
    }
  }

  @Test func `authentication codes are those of RFC 4231`() {
    let first = SHA256.authenticationCode(of: Array("Hi There".utf8), key: [UInt8](repeating: 0x0b, count: 20))
    #expect(first.hex == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    let second = SHA256.authenticationCode(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(second.hex == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    // No key at all is a key too: HMAC_SHA256("", "") as python's hmac module gives it.
    #expect(
      SHA256.authenticationCode(of: [], key: []).hex
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  @Test func `hex reads back, and nothing else reads`() {
    let digest = SHA256.digest(of: [1, 2, 3])
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(bytes: digest.bytes) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == nil)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(hex: digest.hex + "0") == nil)
    #expect(Digest(hex: String(digest.hex.dropLast()) + "g") == nil)
    #expect(Digest(bytes: [0]) == nil)
  }
}
