import SeededNumbers
import StrictJSON
import Testing

@Suite struct JSONWriterTests {
  @Test func `a document is one line in the order given`() {
    let document = JSONOutput.object([
      ("z", .int(Int.min)), ("a", .array([.null, .bool(true), .bool(false), .object([])])), ("m", .string("é/")),
    ])
    #expect(document.encoded() == #"{"z":-9223372036854775808,"a":[null,true,false,{}],"m":"é/"}"#)
  }

  @Test func `doubles are the shortest that read back the same`() {
    let document = JSONOutput.array(
      [0.1, 1, -0.0, 1e16, .leastNonzeroMagnitude, .greatestFiniteMagnitude].map { .double($0) })
    #expect(document.encoded() == "[0.1,1.0,-0.0,1e+16,5e-324,1.7976931348623157e+308]")
    #expect(
      JSONOutput.array([.double(.nan), .double(.infinity), .double(-.infinity)]).encoded() == #"["nan","inf","-inf"]"#)
  }

  @Test func `whatever could end a line or drive a terminal is escaped`() {
    let text = "\"\\\n\r\t\u{0}\u{1B}\u{7F}\u{85}\u{2028}\u{2029}"
    #expect(JSONOutput.string(text).encoded() == #""\"\\\n\r\t\u0000\u001b\u007f\u0085\u2028\u2029""#)
  }

  @Test func `pretty text keeps short rows on one line`() {
    let document = JSONOutput.object([
      ("row", .array([.int(1), .int(2)])), ("none", .array([])), ("empty", .object([])),
      ("nested", .array([.object([("a", .null)])])),
    ])
    #expect(
      document.pretty() == """
        {
          "row": [1, 2],
          "none": [],
          "empty": {},
          "nested": [
            {
              "a": null
            }
          ]
        }
        """)
    let long = JSONOutput.array((0..<40).map { .int($0) })
    #expect(long.pretty().split(separator: "\n").count == 42)
  }

  @Test func `what is written reads back the same`() throws {
    var random = SeededNumbers(seed: 11)
    for _ in 0..<500 {
      let document = randomDocument(depth: 4, &random)
      let text = document.encoded()
      #expect(!text.utf8.contains(0x0A))
      #expect(JSONOutput(try JSONReader.parse(Array(text.utf8))).encoded() == text)
      #expect(JSONOutput(try JSONReader.parse(Array(document.pretty().utf8))).encoded() == text)
    }
  }

  private func randomDocument(depth: Int, _ random: inout SeededNumbers) -> JSONOutput {
    switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .int(Int(truncatingIfNeeded: random.next()))
    case 3:
      let number = Double(bitPattern: random.next())
      return .double(number.isFinite ? number : 0.5)
    case 4: return .string(randomText(&random))
    case 5:
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in randomDocument(depth: depth - 1, &random) })
    default:
      let count = Int.random(in: 0...3, using: &random)
      return .object((0..<count).map { ("\($0)" + randomText(&random), randomDocument(depth: depth - 1, &random)) })
    }
  }

  private func randomText(_ random: inout SeededNumbers) -> String {
    var text = ""
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let range: ClosedRange<UInt32> = Bool.random(using: &random) ? 0...0xFF : 0x2000...0x1_F600
      text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: range, using: &random)) ?? "?")
    }
    return text
  }
}
