/// What a value of a document may be: the one place from which its reader, its error sentence, its JSON Schema and its
/// line in the reference page derive.
package struct Kind<Value>: Sendable {
  /// Completes "expected …": `a number above 0`.
  package let expected: String
  /// The JSON Schema (2020-12) that accepts the same values, as far as a schema can.
  package let schema: JSONOutput
  /// The value as a document would write it; for defaults.
  package let write: @Sendable (Value) -> JSONOutput
  /// The value, or `nil` after reporting what is wrong.
  package let read: @Sendable (JSONNode, JSONPath, JSONIssues) -> Value?
  /// A valid value written again with its defaults filled in, for the record of a run.
  package let restate: @Sendable (JSONNode, Discretion) -> JSONOutput

  package init(
    expected: String, schema: JSONOutput, write: @escaping @Sendable (Value) -> JSONOutput,
    restate: @escaping @Sendable (JSONNode, Discretion) -> JSONOutput = { node, _ in JSONOutput(node) },
    read: @escaping @Sendable (JSONNode, JSONPath, JSONIssues) -> Value?
  ) {
    self.expected = expected
    self.schema = schema
    self.write = write
    self.restate = restate
    self.read = read
  }

  /// A kind with one sentence for everything that is wrong; `value` is `nil` for what it does not accept.
  package init(
    expected: String, schema: JSONOutput, write: @escaping @Sendable (Value) -> JSONOutput,
    restate: @escaping @Sendable (JSONNode, Discretion) -> JSONOutput = { node, _ in JSONOutput(node) },
    value: @escaping @Sendable (JSONNode) -> Value?
  ) {
    self.init(expected: expected, schema: schema, write: write, restate: restate) { node, path, issues in
      if let value = value(node) { return value }
      issues.reportMismatch(expected, node, at: path)
      return nil
    }
  }
}

/// What a restated document may tell about the places of files.
package enum Discretion: Sendable {
  /// Nothing is left out: the text is a document of the same meaning.
  case none
  /// Absolute paths are left out: they tell about the machine and its user.
  case relativePaths
  /// All paths and patterns are left out, because they may name patients.
  case noPaths
}
