// Typed views of a node: `nil` when it is something else. Whoever owes an explanation uses `Kind` instead.

extension JSONNode {
  package var string: String? {
    guard case .string(let text) = value else { return nil }
    return text
  }

  package var array: [JSONNode]? {
    guard case .array(let elements) = value else { return nil }
    return elements
  }

  package var members: [JSONMember]? {
    guard case .object(let members) = value else { return nil }
    return members
  }

  /// The member of an object.
  package subscript(key: String) -> JSONNode? { members?.first { $0.key == key }?.node }

  /// The nearest Double. `nil` also for numbers that are beyond Double: 1e400, or 1e-400, which would become 0.
  package var double: Double? {
    guard case .number(let text) = value, let number = Double(text), number.isFinite else { return nil }
    let digits = text.prefix { $0 != "e" && $0 != "E" }
    guard number != 0 || !digits.contains(where: { ("1"..."9").contains($0) }) else { return nil }
    return number
  }

  /// The integer, exactly. As in JSON Schema 3.0 and 1e2 are integers too, up to 2⁵³, where Double counts them all.
  package var int: Int? {
    guard case .number(let text) = value else { return nil }
    if let number = Int(text) { return number }
    guard let number = double, number.magnitude <= 0x1p53 else { return nil }
    return Int(exactly: number)
  }
}

extension JSONOutput {
  /// What was read, to be written again: the text may differ (1.50 becomes 1.5), the value does not.
  ///
  /// Numbers that neither Int nor Double holds are written as strings, because JSON output has no other place for them.
  package init(_ node: JSONNode) {
    switch node.value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .string(let text): self = .string(text)
    case .number(let text):
      self = Int(text).map { .int($0) } ?? node.double.map { .double($0) } ?? .string(text)
    case .array(let elements): self = .array(elements.map { JSONOutput($0) })
    case .object(let members): self = .object(members.map { ($0.key, JSONOutput($0.node)) })
    }
  }
}
