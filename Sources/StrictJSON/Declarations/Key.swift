/// One key of an object: its name, what it holds, and one sentence about it.
package struct Key<Value: Sendable>: Sendable {
  package enum Presence: Sendable {
    case optional
    case required
    case byDefault(Value)
  }

  package let name: String
  package let kind: Kind<Value>
  package let presence: Presence
  package let summary: String

  package init(_ name: String, _ kind: Kind<Value>, _ presence: Presence, _ summary: String) {
    self.name = name
    self.kind = kind
    self.presence = presence
    self.summary = summary
  }

  /// The key without its type, for tables of keys.
  package var declaration: KeyDeclaration {
    var defaultValue: JSONOutput?
    if case .byDefault(let value) = presence { defaultValue = kind.write(value) }
    var isRequired = false
    if case .required = presence { isRequired = true }
    return KeyDeclaration(
      name: name, expected: kind.expected, schema: kind.schema, isRequired: isRequired, defaultValue: defaultValue,
      summary: summary, restate: kind.restate)
  }
}

/// What a table of keys says about one of them.
package struct KeyDeclaration: Sendable {
  package let name: String
  package let expected: String
  package let schema: JSONOutput
  package let isRequired: Bool
  package let defaultValue: JSONOutput?
  package let summary: String
  package let restate: @Sendable (JSONNode, Discretion) -> JSONOutput
}
