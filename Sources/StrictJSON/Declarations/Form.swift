/// All that an object may hold: its keys, and what they ask of each other.
package struct Form: Sendable {
  package let keys: [KeyDeclaration]
  package let rules: [Rule]

  package init(keys: [KeyDeclaration], rules: [Rule] = []) {
    self.keys = keys
    self.rules = rules
  }

  package var names: [String] { keys.map(\.name) }

  /// JSON Schema (2020-12).
  package var schema: JSONOutput {
    let properties = keys.map { key in (key.name, key.annotatedSchema) }
    let required = keys.filter(\.isRequired).map { JSONOutput.string($0.name) }
    var members: [(String, JSONOutput)] = [
      ("type", .string("object")), ("additionalProperties", .bool(false)), ("properties", .object(properties)),
    ]
    if !required.isEmpty { members.append(("required", .array(required))) }
    if !rules.isEmpty { members.append(("allOf", .array(rules.map(\.schema)))) }
    return .object(members)
  }

  /// A valid object in the order of the declarations, with the defaults of absent keys filled in where they apply.
  package func restate(_ node: JSONNode, _ discretion: Discretion, fillsDefaults: Bool = true) -> JSONOutput {
    .object(
      keys.compactMap { key in
        if let written = node[key.name] { return (key.name, key.restate(written, discretion)) }
        let applies = fillsDefaults && rules.allSatisfy { $0.allows(key.name, in: node) }
        return applies ? key.defaultValue.map { (key.name, $0) } : nil
      })
  }
}

extension KeyDeclaration {
  /// The schema with what an editor shows beside the key.
  fileprivate var annotatedSchema: JSONOutput {
    guard case .object(var members) = schema else { return schema }
    members.append(("description", .string(summary)))
    if let defaultValue { members.append(("default", defaultValue)) }
    return .object(members)
  }
}

/// What the presence of one key says about others.
package enum Rule: Sendable {
  case exactlyOne([String])
  case atLeastOne([String])
  /// The two keys say different things about the same.
  case excludes(String, String)
  /// The first key means nothing without the second.
  case needs(String, String)
  /// The first key means something only where the second is this word.
  case onlyWith(String, key: String, is: String)
  /// The integer of the first key, where the second is this word; `isDefault` when it is so by default.
  case bounded(String, Bounds<Int>, key: String, is: String, isDefault: Bool)

  /// Whether an absent key could be written into the object.
  func allows(_ name: String, in node: JSONNode) -> Bool {
    switch self {
    case .needs(name, let other): node[other] != nil
    case .onlyWith(name, let key, let word): node[key]?.string == word
    case .needs, .excludes, .onlyWith, .exactlyOne, .atLeastOne, .bounded: true
    }
  }

  var schema: JSONOutput {
    switch self {
    case .exactlyOne(let names): .object([("oneOf", .array(names.map { Rule.required([$0]) }))])
    case .atLeastOne(let names): .object([("anyOf", .array(names.map { Rule.required([$0]) }))])
    case .excludes(let name, let other): .object([("not", Rule.required([name, other]))])
    case .needs(let name, let other):
      .object([("dependentRequired", .object([(name, .array([.string(other)]))]))])
    case .onlyWith(let name, let key, let word):
      .object([("if", Rule.required([name])), ("then", Rule.says(key, word, isDefault: false))])
    case .bounded(let name, let bounds, let key, let word, let isDefault):
      .object([
        ("if", Rule.says(key, word, isDefault: isDefault)),
        ("then", .object([("properties", .object([(name, .object(bounds.schema { .int($0) }))]))])),
      ])
    }
  }

  /// The key holds the word; an absent key holds its default.
  private static func says(_ key: String, _ word: String, isDefault: Bool) -> JSONOutput {
    let property = JSONOutput.object([(key, .object([("const", .string(word))]))])
    let required = JSONOutput.array(isDefault ? [] : [.string(key)])
    return .object([("required", required), ("properties", property)])
  }

  private static func required(_ names: [String]) -> JSONOutput {
    .object([("required", .array(names.map { .string($0) }))])
  }
}
