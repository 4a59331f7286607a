/// Base64 with padding (RFC 4648, section 4), strict: one text for each sequence of bytes.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func encode(_ bytes: [UInt8]) -> String {
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

  /// `nil` for anything that `encode` does not write: other characters, a wrong length, bits that belong to no byte.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count.isMultiple(of: 4) else { return nil }
    var bytes: [UInt8] = []
    var (pending, bits) = (0, 0)
    for digit in digits.prefix(while: { $0 != UInt8(ascii: "=") }) {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      (pending, bits) = (pending << 6 | value, bits + 6)
      guard bits >= 8 else { continue }
      bits -= 8
      bytes.append(UInt8(pending >> bits))
      pending &= 1 << bits - 1
    }
    // Writing it again finds misplaced padding and bits left over.
    return encode(bytes).utf8.elementsEqual(digits) ? bytes : nil
  }
}
