import CCodec

/// A SHA-256 computed piece by piece.
///
///     var hash = SHA256()
///     hash.update(bytes)
///     let digest = hash.finalise()
///
/// Not copyable, because the state belongs to libcrypto and has one owner who frees it.
package struct SHA256: ~Copyable, @unchecked Sendable {
  // @unchecked Sendable because the state has no other owner, and changing it needs exclusive access to the value.

  package static let byteCount = 32
  private let state: OpaquePointer

  package init() {
    // Fails only when not even a few hundred bytes are left, or libcrypto was built without SHA-256: no input does that.
    guard let state = ccodec_sha256_new() else { preconditionFailure("libcrypto has no SHA-256 to give") }
    self.state = state
  }

  deinit { ccodec_sha256_free(state) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let address = bytes.baseAddress else { return }
    let done = ccodec_sha256_update(state, address, bytes.count)
    precondition(done == 1, "libcrypto failed in memory")
  }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// The digest of everything since the beginning, or since the last `finalise()`; begins anew.
  package mutating func finalise() -> Digest {
    Digest { digest in ccodec_sha256_finish(state, digest) }
  }

  /// The digest of bytes that are all there.
  package static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalise()
  }

  package static func digest(of bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { digest(of: $0) }
  }
}

extension SHA256 {
  /// HMAC-SHA256 (RFC 2104), for names that must not be readable without the key.
  package static func authenticationCode(of message: [UInt8], key: [UInt8]) -> Digest {
    Digest { digest in ccodec_hmac_sha256(key, key.count, message, message.count, digest) }
  }
}

extension Digest {
  /// The 32 bytes that a C function writes; it returns 1 when it did.
  fileprivate init(writtenBy body: (UnsafeMutablePointer<UInt8>) -> Int32) {
    bytes = [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { buffer, count in
      guard let address = buffer.baseAddress, body(address) == 1 else {
        preconditionFailure("libcrypto failed in memory")
      }
      count = SHA256.byteCount
    }
  }
}
