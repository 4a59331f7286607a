/// Reads JSON as RFC 8259 defines it, and refuses what its readers may treat differently.
///
/// Refused on top of the grammar: a byte-order mark, invalid UTF-8, two keys of one name in an object, surrogates
/// without a partner, and texts beyond the limits. So two readers of one text never see different things.
///
/// - Complexity: O(bytes); the recursion is bounded by `JSONLimits.depth`.
package struct JSONReader {
  let bytes: [UInt8]
  let limits: JSONLimits
  var position = 0
  private var line = 1
  private var lineStart = 0
  private var depth = 0

  /// The value of a whole text: nothing but white space may stand beside it.
  package static func parse(
    _ bytes: [UInt8], limits: JSONLimits = JSONLimits()
  ) throws(JSONSyntaxError) -> JSONNode {
    var reader = JSONReader(bytes: bytes, limits: limits)
    try reader.checkEncoding()
    let node = try reader.readValue()
    reader.skipSpace()
    guard reader.next == nil else { throw reader.failure("the end of the text") }
    return node
  }

  private init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// Once for the whole text, so that strings can be cut out of it without looking again.
  private func checkEncoding() throws(JSONSyntaxError) {
    guard bytes.count <= limits.bytes else {
      throw failure("at most \(limits.bytes) bytes", found: "\(bytes.count)", at: 0)
    }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw failure("UTF-8 without a byte-order mark", found: "a byte-order mark", at: 0)
    }
    do {
      _ = try UTF8Span(validating: bytes.span)
    } catch {
      throw badEncoding(at: error.byteOffsets.lowerBound)
    }
  }

  private func badEncoding(at offset: Int) -> JSONSyntaxError {
    let before = bytes[..<offset]
    let start = before.lastIndex(of: Self.newline).map { $0 + 1 } ?? 0
    return JSONSyntaxError(
      line: before.count { $0 == Self.newline } + 1, column: offset - start + 1,
      expected: "UTF-8", found: Self.hex(bytes[offset]))
  }
}

// MARK: - Values

extension JSONReader {
  private mutating func readValue() throws(JSONSyntaxError) -> JSONNode {
    skipSpace()
    let (line, column) = (self.line, self.column(of: position))
    return JSONNode(try readBareValue(), line: line, column: column)
  }

  private mutating func readBareValue() throws(JSONSyntaxError) -> JSONValue {
    switch next {
    case UInt8(ascii: "{"): try nested { reader throws(JSONSyntaxError) in try reader.readObject() }
    case UInt8(ascii: "["): try nested { reader throws(JSONSyntaxError) in try reader.readArray() }
    case UInt8(ascii: "\""): .string(try readString())
    case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): .number(try readNumber())
    case UInt8(ascii: "t"): try readWord("true", .bool(true))
    case UInt8(ascii: "f"): try readWord("false", .bool(false))
    case UInt8(ascii: "n"): try readWord("null", .null)
    default: throw failure("a value")
    }
  }

  private mutating func nested(
    _ read: (inout JSONReader) throws(JSONSyntaxError) -> JSONValue
  ) throws(JSONSyntaxError) -> JSONValue {
    guard depth < limits.depth else {
      throw failure("at most \(limits.depth) arrays and objects inside each other", found: "more", at: position)
    }
    depth += 1
    defer { depth -= 1 }
    position += 1
    return try read(&self)
  }

  private mutating func readArray() throws(JSONSyntaxError) -> JSONValue {
    var elements: [JSONNode] = []
    guard !skip(UInt8(ascii: "]")) else { return .array(elements) }
    repeat {
      elements.append(try readValue())
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw failure("\",\" or \"]\"") }
    return .array(elements)
  }

  private mutating func readObject() throws(JSONSyntaxError) -> JSONValue {
    var members: [JSONMember] = []
    // Keys are compared as Swift compares strings, by canonical equivalence: two spellings of "é" are one key, as they
    // are for whoever looks a member up by its name.
    var lineOfKey: [String: Int] = [:]
    guard !skip(UInt8(ascii: "}")) else { return .object(members) }
    repeat {
      let member = try readMember()
      if let first = lineOfKey.updateValue(member.line, forKey: member.key) {
        throw JSONSyntaxError(
          line: member.line, column: member.column, expected: "every key once",
          found: "\(JSONOutput.string(member.key).encoded()) again (first on line \(first))")
      }
      members.append(member)
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw failure("\",\" or \"}\"") }
    return .object(members)
  }

  private mutating func readMember() throws(JSONSyntaxError) -> JSONMember {
    skipSpace()
    guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
    let (line, column) = (self.line, self.column(of: position))
    let key = try readString()
    guard skip(UInt8(ascii: ":")) else { throw failure("\":\"") }
    return JSONMember(key: key, line: line, column: column, node: try readValue())
  }

  private mutating func readWord(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw failure("a value") }
    position += word.utf8.count
    return value
  }
}

// MARK: - Places

extension JSONReader {
  static let newline = UInt8(ascii: "\n")

  var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  /// Strings and numbers never hold a line end, so lines are counted here alone.
  private mutating func skipSpace() {
    while let byte = next {
      switch byte {
      case Self.newline:
        line += 1
        lineStart = position + 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      default: return
      }
      position += 1
    }
  }

  /// Steps over `byte` and the white space before it, when it comes next.
  private mutating func skip(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    position += 1
    return true
  }

  private func column(of offset: Int) -> Int { offset - lineStart + 1 }

  func failure(_ expected: String, found: String, at offset: Int) -> JSONSyntaxError {
    JSONSyntaxError(line: line, column: column(of: offset), expected: expected, found: found)
  }

  func failure(_ expected: String) -> JSONSyntaxError { failure(expected, found: whatIsNext, at: position) }

  /// The next word or character, for a message.
  private var whatIsNext: String {
    guard let byte = next else { return "the end of the text" }
    let word = bytes[position...].prefix(20).prefix { Self.isWordByte($0) }
    if !word.isEmpty { return "\"\(String(decoding: word, as: UTF8.self))\"" }
    let isPrintable = (0x20..<0x7F).contains(byte)
    return isPrintable ? JSONOutput.string(String(Unicode.Scalar(byte))).encoded() : Self.hex(byte)
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "_"): true
    default: isDigit(byte)
    }
  }

  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  static func hex(_ byte: UInt8) -> String {
    "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
  }
}
