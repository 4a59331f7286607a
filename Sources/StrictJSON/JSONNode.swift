/// A value of a JSON text together with the place where it stands.
package struct JSONNode: Sendable, Equatable {
  package let value: JSONValue
  /// Counted from 1.
  package let line: Int
  /// In bytes, counted from 1.
  package let column: Int

  package init(_ value: JSONValue, line: Int, column: Int) {
    self.value = value
    self.line = line
    self.column = column
  }
}

/// Numbers stay text until somebody asks for a type, so that nothing is rounded on the way.
package enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONNode])
  /// In the order of the text; keys are unique.
  case object([JSONMember])
}

package struct JSONMember: Sendable, Equatable {
  package let key: String
  /// Where the key stands.
  package let line: Int
  package let column: Int
  package let node: JSONNode

  package init(key: String, line: Int, column: Int, node: JSONNode) {
    self.key = key
    self.line = line
    self.column = column
    self.node = node
  }
}
