import ByteStreams

/// What `provenance.head` says: how long the log is and the one hash that stands for its lines.
///
///     medfilter/6f0c2f1e-7a51-4b06-9d6d-0a5c3b7f4e21
///     4312
///     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// The text is that of a C2SP checkpoint (https://c2sp.org/tlog-checkpoint): origin, size, Merkle root in base64. It ends
/// there while heads are unsigned; a signature is a fourth, empty line and what follows.
package struct LogHead: Equatable, Sendable {
  package let logID: String
  /// Lines of the log that the head covers.
  package let size: Int
  package let root: Digest

  /// Exact bytes of the file.
  package var text: String { "medfilter/\(logID)\n\(size)\n\(Self.base64(root.bytes))\n" }

  /// The size that a head claims; the rest is checked by making the same head and comparing.
  static func claimedSize(_ bytes: [UInt8]) -> Int? {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count == 4, let size = Int(String(decoding: lines[1], as: UTF8.self)), size > 0 else { return nil }
    return size
  }

  /// RFC 4648, with padding.
  package static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let number = (0..<3).reduce(0) { $0 << 8 | Int(start + $1 < group.endIndex ? bytes[start + $1] : 0) }
      for digit in 0..<4 {
        text.append(digit <= group.count ? alphabet[number >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
