import SeededNumbers
import StrictJSON
import Testing

private func parse(_ text: String) throws(JSONSyntaxError) -> JSONNode { try JSONReader.parse(Array(text.utf8)) }

private func sentence(_ bytes: [UInt8]) -> String {
  do {
    return "read: \(JSONOutput(try JSONReader.parse(bytes)).encoded())"
  } catch {
    return error.description
  }
}

private func sentence(_ text: String) -> String { sentence(Array(text.utf8)) }

@Suite struct JSONReaderTests {
  @Test func `every kind of value is read`() throws {
    let text = #" {"a": [1, -2.5e+3, true, false, null], "b": {"c": "x\n\u00e9\ud83d\ude00/\/"}, "": {}, "d": []} "#
    let node = try parse(text)
    let numbers = try #require(node["a"]?.array)
    #expect(numbers.map(\.value) == [.number("1"), .number("-2.5e+3"), .bool(true), .bool(false), .null])
    #expect(node["b"]?["c"]?.string == "x\né😀//")
    #expect(node[""]?.members == [])
    #expect(node["d"]?.array == [])
    #expect(node["e"] == nil)
  }

  @Test func `values and keys know their line and column`() throws {
    let node = try parse("{\n  \"a\": [1,\r\n\t2]\n}")
    let member = try #require(node.members?.first)
    #expect([member.line, member.column] == [2, 3])
    #expect([member.node.line, member.node.column] == [2, 8])
    let two = try #require(member.node.array?.last)
    #expect([two.line, two.column] == [3, 2])
  }

  @Test(arguments: [
    ("", #"expected a value, found the end of the text (line 1, column 1)"#),
    ("{} x", #"expected the end of the text, found "x" (line 1, column 4)"#),
    ("[1,]", #"expected a value, found "]" (line 1, column 4)"#),
    ("[1 2]", #"expected "," or "]", found "2" (line 1, column 4)"#),
    (#"{"a":1,}"#, #"expected a key in quotes, found "}" (line 1, column 8)"#),
    ("{a: 1}", #"expected a key in quotes, found "a" (line 1, column 2)"#),
    (#"{"a" 1}"#, #"expected ":", found "1" (line 1, column 6)"#),
    (#"{"a": 1"#, #"expected "," or "}", found the end of the text (line 1, column 8)"#),
    ("{\"a\": 1,\n \"a\": 2}", #"expected every key once, found "a" again (first on line 1) (line 2, column 2)"#),
    (#"{"a": 1, "\u0061": 2}"#, #"expected every key once, found "a" again (first on line 1) (line 1, column 10)"#),
    ("// note\n1", #"expected a value, found "/" (line 1, column 1)"#),
    ("NaN", #"expected a value, found "NaN" (line 1, column 1)"#),
    ("[-Infinity]", #"expected a digit, found "Infinity" (line 1, column 3)"#),
    ("True", #"expected a value, found "True" (line 1, column 1)"#),
    ("nul", #"expected a value, found "nul" (line 1, column 1)"#),
    ("01", #"expected a number as JSON writes it, found "1" (line 1, column 2)"#),
    ("+1", #"expected a value, found "+" (line 1, column 1)"#),
    (".5", #"expected a value, found "." (line 1, column 1)"#),
    ("5.", #"expected a digit, found the end of the text (line 1, column 3)"#),
    ("1e", #"expected a digit, found the end of the text (line 1, column 3)"#),
    ("0x10", #"expected a number as JSON writes it, found "x10" (line 1, column 2)"#),
    ("6mm", #"expected a number as JSON writes it, found "mm" (line 1, column 2)"#),
    ("'a'", #"expected a value, found "'" (line 1, column 1)"#),
    ("\"a\nb\"", #"expected control characters as \u escapes, found byte 0x0A (line 1, column 3)"#),
    (#""abc"#, #"expected a closing quote, found the end of the text (line 1, column 5)"#),
    (#""\x""#, #"expected one of \" \\ \/ \b \f \n \r \t \u after a backslash, found "x" (line 1, column 3)"#),
    (#""\u12g4""#, #"expected four hexadecimal digits after \u, found "g4" (line 1, column 6)"#),
    (#""\ud800""#, #"expected a pair of surrogates, found one without its partner (line 1, column 2)"#),
    (#""\ud800\u0041""#, #"expected a pair of surrogates, found one without its partner (line 1, column 2)"#),
    (#""\udc00""#, #"expected a pair of surrogates, found one without its partner (line 1, column 2)"#),
    ("\u{FEFF}{}", #"expected UTF-8 without a byte-order mark, found a byte-order mark (line 1, column 1)"#),
  ])
  func `a text that is not strict JSON is refused with place and reason`(text: String, expected: String) {
    #expect(sentence(text) == expected)
  }

  @Test(
    arguments: [
      ([0x22, 0xFF, 0x22], "byte 0xFF (line 1, column 2)"),
      ([0x22, 0xC0, 0x80, 0x22], "byte 0xC0 (line 1, column 2)"),
      ([0x5B, 0x0A, 0x22, 0xED, 0xA0, 0x80, 0x22], "byte 0xED (line 2, column 2)"),
      ([0x22, 0x61, 0xE2, 0x82, 0x22], "byte 0xE2 (line 1, column 3)"),
      ([0xFF, 0xFE, 0x7B, 0x00], "byte 0xFF (line 1, column 1)"),
    ] as [([UInt8], String)])
  func `invalid UTF-8 is refused where it stands`(bytes: [UInt8], found: String) {
    #expect(sentence(bytes) == "expected UTF-8, found \(found)")
  }

  @Test func `nesting is bounded`() {
    let nest = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(sentence(nest(64)).hasPrefix("read: "))
    let refusal = "expected at most 64 arrays and objects inside each other, found more (line 1, column 65)"
    #expect(sentence(nest(65)) == refusal)
    #expect(sentence(String(repeating: "[{\"a\":", count: 100_000)) == refusal.replacing("65)", with: "193)"))
  }

  @Test func `size is bounded`() {
    let limits = JSONLimits(bytes: 4)
    #expect(throws: JSONSyntaxError.self) { try JSONReader.parse(Array("[1, 2]".utf8), limits: limits) }
    #expect(throws: Never.self) { try JSONReader.parse(Array("[12]".utf8), limits: limits) }
  }

  @Test func `no beginning of a document is a document`() {
    let text = Array(#"{"a": [1, -2.5e+3, true, null], "b": {"c": "x\né😀"}}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONSyntaxError.self) { try JSONReader.parse(Array(text[..<length])) }
    }
  }

  @Test func `random bytes never stop the program`() {
    var random = SeededNumbers(seed: 7)
    let alphabet = Array(#"{}[]",:0123456789.eE+-\utrfalsn "#.utf8) + [0x0A, 0xC3, 0xA9, 0xFF, 0x00]
    var read = 0
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? 0
      }
      read += (try? JSONReader.parse(bytes)) == nil ? 0 : 1
    }
    #expect(read > 100)
  }
}

@Suite struct JSONNumberTests {
  @Test(arguments: [
    ("0", 0), ("-0", 0), ("3.0", 3), ("1e2", 100), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
  ])
  func `integers are exact`(text: String, expected: Int) throws { #expect(try parse(text).int == expected) }

  @Test(arguments: ["2.5", "9223372036854775808", "1e16", "1e400", "\"3\"", "true", "null"])
  func `what is no integer is none`(text: String) throws { #expect(try parse(text).int == nil) }

  @Test(arguments: ["1e400", "-1e400", "1e-400", "0.1e-500", "\"1\"", "[]"])
  func `numbers beyond Double are none`(text: String) throws { #expect(try parse(text).double == nil) }

  @Test func `doubles are the nearest`() throws {
    #expect(try parse("0.1000000000000000055511151231257827021181583404541015625").double == 0.1)
    #expect(try parse("0e-999").double == 0)
    #expect(try parse("5e-324").double == .leastNonzeroMagnitude)
    #expect(try parse("-0.0").double?.sign == .minus)
  }
}
