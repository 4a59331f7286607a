extension JSONOutput {
  /// The document on one line, without a line end: bytes depend on nothing but the document.
  ///
  /// Control characters and the line separators that some readers split at (U+0085, U+2028, U+2029) are escaped, so
  /// one document is one line for everybody; all other text stands as UTF-8.
  package func encoded() -> String {
    var writer = JSONWriter()
    writer.write(self)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The document for people: two spaces of indentation, and short arrays of plain values on one line.
  package func pretty() -> String {
    var writer = JSONWriter()
    writer.writePretty(self, indentation: 0)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct JSONWriter {
  var bytes: [UInt8] = []

  mutating func write(_ document: JSONOutput) {
    switch document {
    case .array(let elements):
      put("[")
      for (index, element) in elements.enumerated() {
        if index > 0 { put(",") }
        write(element)
      }
      put("]")
    case .object(let members):
      put("{")
      for (index, member) in members.enumerated() {
        if index > 0 { put(",") }
        writeString(member.0)
        put(":")
        write(member.1)
      }
      put("}")
    default: writePlain(document)
    }
  }

  mutating func writePretty(_ document: JSONOutput, indentation: Int) {
    switch document {
    case .array(let elements) where !fitsOnOneLine(elements):
      writeBlock("[", elements, "]", indentation) { writer, element in
        writer.writePretty(element, indentation: indentation + 2)
      }
    case .object(let members) where !members.isEmpty:
      writeBlock("{", members, "}", indentation) { writer, member in
        writer.writeString(member.0)
        writer.put(": ")
        writer.writePretty(member.1, indentation: indentation + 2)
      }
    case .array(let elements):
      put("[")
      for (index, element) in elements.enumerated() {
        if index > 0 { put(", ") }
        writePlain(element)
      }
      put("]")
    default: write(document)
    }
  }

  private mutating func writeBlock<Item>(
    _ opening: String, _ items: [Item], _ closing: String, _ indentation: Int,
    _ writeItem: (inout JSONWriter, Item) -> Void
  ) {
    put(opening)
    for (index, item) in items.enumerated() {
      put(index == 0 ? "\n" : ",\n")
      put(String(repeating: " ", count: indentation + 2))
      writeItem(&self, item)
    }
    put("\n" + String(repeating: " ", count: indentation) + closing)
  }

  /// Plain values only, in at most 80 characters.
  private func fitsOnOneLine(_ elements: [JSONOutput]) -> Bool {
    var writer = JSONWriter()
    for element in elements {
      switch element {
      case .array, .object: return false
      default: writer.writePlain(element)
      }
      writer.put(", ")
      guard writer.bytes.count <= 82 else { return false }
    }
    return true
  }

  /// Whatever has no parts.
  private mutating func writePlain(_ value: JSONOutput) {
    switch value {
    case .null: put("null")
    case .bool(let flag): put(flag ? "true" : "false")
    case .int(let number): put(String(number))
    case .double(let number): writeDouble(number)
    case .string(let text): writeString(text)
    case .array, .object: write(value)
    }
  }

  /// Swift's own text of a Double is the shortest that reads back the same, and it is valid JSON.
  private mutating func writeDouble(_ number: Double) {
    if number.isNaN { return put("\"nan\"") }
    guard number.isFinite else { return put(number < 0 ? "\"-inf\"" : "\"inf\"") }
    put(number.description)
  }

  private mutating func writeString(_ text: String) {
    put("\"")
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": put("\\\"")
      case "\\": put("\\\\")
      case "\n": put("\\n")
      case "\r": put("\\r")
      case "\t": put("\\t")
      case "\u{0}"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{2029}":
        let digits = String(scalar.value, radix: 16)
        put("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
      default: bytes += UTF8.encode(scalar).map(Array.init) ?? []
      }
    }
    put("\"")
  }

  private mutating func put(_ text: String) { bytes += text.utf8 }
}
