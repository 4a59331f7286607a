/// A text is not JSON, or not JSON as strictly as we read it.
package struct JSONSyntaxError: Error, Equatable, Sendable {
  /// Counted from 1.
  package let line: Int
  /// In bytes, counted from 1.
  package let column: Int
  package let expected: String
  package let found: String

  package init(line: Int, column: Int, expected: String, found: String) {
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
  }
}

extension JSONSyntaxError: CustomStringConvertible {
  package var description: String { "expected \(expected), found \(found) (line \(line), column \(column))" }
}

/// What a text may ask of the reader; both are far above what people write by hand.
package struct JSONLimits: Sendable {
  package var bytes: Int
  /// Arrays and objects inside each other; bounds the reader's recursion.
  package var depth: Int

  package init(bytes: Int = 16 << 20, depth: Int = 64) {
    self.bytes = bytes
    self.depth = depth
  }
}
