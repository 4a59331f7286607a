// Kinds of values without parts.

extension Kind where Value == Double {
  package static func number(_ bounds: Bounds<Double> = .any) -> Kind {
    Kind(
      expected: "a number\(bounds.words)",
      schema: .object(
        [("type", .string("number"))] + bounds.schema { $0 == $0.rounded() ? .int(Int($0)) : .double($0) }),
      write: { .double($0) },
      value: { node in node.double.flatMap { bounds.contains($0) ? $0 : nil } })
  }
}

extension Kind where Value == Int {
  package static func integer(_ bounds: Bounds<Int> = .any) -> Kind {
    Kind(
      expected: "an integer\(bounds.words)",
      schema: .object([("type", .string("integer"))] + bounds.schema { .int($0) }),
      write: { .int($0) },
      value: { node in node.int.flatMap { bounds.contains($0) ? $0 : nil } })
  }
}

extension Kind where Value == Int {
  /// One integer, always the same.
  package static func constant(_ number: Int) -> Kind {
    Kind(
      expected: "\(number)", schema: .object([("const", .int(number))]), write: { .int($0) },
      value: { $0.int == number ? number : nil })
  }
}

extension Kind where Value == String {
  /// One word, always the same.
  package static func constant(_ word: String) -> Kind {
    Kind(
      expected: word.quoted, schema: .object([("const", .string(word))]), write: { .string($0) },
      value: { $0.string == word ? word : nil })
  }

  /// Where a file or folder is. Whether it exists is asked when the job is planned.
  package static func path(_ what: String) -> Kind {
    Kind(
      expected: what,
      schema: .object([
        ("type", .string("string")), ("minLength", .int(1)), ("pattern", .string("^(?!~)[^\\u0000]*$")),
      ]),
      write: { .string($0) }, restate: restatePath
    ) { node, path, issues in
      guard let text = node.string, !text.isEmpty else {
        issues.reportMismatch(what, node, at: path)
        return nil
      }
      guard let problem = problem(ofPath: text, issues) else { return text }
      issues.report(problem, at: path, line: node.line)
      return nil
    }
  }

  private static func problem(ofPath text: String, _ issues: JSONIssues) -> String? {
    if text.utf8.contains(0) { return "expected a path, found one with a NUL in it" }
    if text.utf8.count > 4095 { return "expected a path of at most 4095 bytes, found \(text.utf8.count)" }
    // A shell would expand it; taken literally it makes a folder called "~".
    if text.hasPrefix("~") { return "expected a path, found \(issues.shown(text)); \"~\" is not expanded here" }
    return nil
  }

  @Sendable private static func restatePath(_ node: JSONNode, _ discretion: Discretion) -> JSONOutput {
    switch discretion {
    case .none: JSONOutput(node)
    case .noPaths: .string("<path>")
    case .relativePaths: node.string?.hasPrefix("/") == true ? .string("<absolute path>") : JSONOutput(node)
    }
  }
}

extension Kind where Value: RawRepresentable & CaseIterable & Equatable & Sendable, Value.RawValue == String {
  /// One of the words of an enumeration.
  package static var choice: Kind { .word(Value.allCases.map { ($0.rawValue, $0) }) }
}

extension Kind where Value: Sendable {
  /// One of a few words, each with what it stands for.
  package static func word(_ table: [(String, Value)]) -> Kind where Value: Equatable {
    let words = table.map(\.0)
    let expected = words.quotedList("or")
    return Kind(
      expected: expected, schema: .object([("enum", .array(words.map { .string($0) }))]),
      write: { value in table.first { $0.1 == value }.map { .string($0.0) } ?? .null }
    ) { node, path, issues in
      if let value = table.first(where: { $0.0 == node.string })?.1 { return value }
      let question = node.string.map { Nearest.question($0, among: words) } ?? ""
      issues.report("expected \(expected), found \(issues.shown(node))\(question)", at: path, line: node.line)
      return nil
    }
  }
}
