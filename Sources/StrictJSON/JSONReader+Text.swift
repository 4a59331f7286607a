// Strings and numbers.

extension JSONReader {
  /// A string's content; the opening quote comes next.
  mutating func readString() throws(JSONSyntaxError) -> String {
    position += 1
    var content: [UInt8] = []
    while true {
      let plain = bytes[position...].prefix { $0 != Self.quote && $0 != Self.backslash && $0 >= 0x20 }
      content += plain
      position += plain.count
      switch next {
      case Self.quote:
        position += 1
        return String(decoding: content, as: UTF8.self)
      case Self.backslash: content += String(try readEscape()).utf8
      case nil: throw failure("a closing quote")
      default: throw failure("control characters as \\u escapes")
      }
    }
  }

  private mutating func readEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    position += 1
    let letter = next
    position += letter == nil ? 0 : 1
    switch letter {
    case Self.quote: return "\""
    case Self.backslash: return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try readUnicodeEscape()
    default:
      position -= letter == nil ? 0 : 1
      throw failure("one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u after a backslash")
    }
  }

  /// One scalar, written as one code unit or as a pair of surrogates; `\u` has been read.
  private mutating func readUnicodeEscape() throws(JSONSyntaxError) -> Unicode.Scalar {
    let start = position - 2
    let unit = try readFourHexDigits()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard UTF16.isLeadSurrogate(unit), bytes[position...].starts(with: [Self.backslash, UInt8(ascii: "u")]) else {
      throw loneSurrogate(at: start)
    }
    position += 2
    let trail = try readFourHexDigits()
    guard UTF16.isTrailSurrogate(trail) else { throw loneSurrogate(at: start) }
    return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
  }

  private func loneSurrogate(at offset: Int) -> JSONSyntaxError {
    failure("a pair of surrogates", found: "one without its partner", at: offset)
  }

  private mutating func readFourHexDigits() throws(JSONSyntaxError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw failure("four hexadecimal digits after \\u")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  /// A number as it is written: `-? int frac? exp?` with no leading zeros and no bare point.
  mutating func readNumber() throws(JSONSyntaxError) -> String {
    let start = position
    skipOne(of: "-")
    if !skipOne(of: "0") { try readDigits() }
    if skipOne(of: ".") { try readDigits() }
    if skipOne(of: "eE") {
      skipOne(of: "+-")
      try readDigits()
    }
    // "01", "1.2.3" and "2mm" are refused here, where the message can say that it is about a number.
    if let byte = next, byte == UInt8(ascii: ".") || Character(Unicode.Scalar(byte)).isLetter || Self.isDigit(byte) {
      throw failure("a number as JSON writes it")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func readDigits() throws(JSONSyntaxError) {
    let digits = bytes[position...].prefix { Self.isDigit($0) }
    guard !digits.isEmpty else { throw failure("a digit") }
    position += digits.count
  }

  @discardableResult
  private mutating func skipOne(of characters: String) -> Bool {
    guard let byte = next, characters.utf8.contains(byte) else { return false }
    position += 1
    return true
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")
}
