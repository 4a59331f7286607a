extension Kind {
  /// An array of values of one kind; every element is checked, so that all its errors come at once.
  ///
  /// - Parameter isUnique: Whether an element may not occur twice. Elements are compared as they would be written.
  package static func list<Element>(
    of element: Kind<Element>, _ what: String, count: ClosedRange<Int>, isUnique: Bool = false
  ) -> Kind where Value == [Element] {
    let expected = "an array of \(what)"
    return Kind(
      expected: expected, schema: listSchema(of: element.schema, count: count, isUnique: isUnique),
      write: { .array($0.map { element.write($0) }) },
      restate: { node, discretion in .array((node.array ?? []).map { element.restate($0, discretion) }) }
    ) { node, path, issues in
      guard let nodes = node.array, count.contains(nodes.count) else {
        let size = count.upperBound == .max ? "" : " (\(count.lowerBound) to \(count.upperBound))"
        issues.reportMismatch(expected + (node.array == nil ? "" : size), node, at: path)
        return nil
      }
      let elements = nodes.enumerated().map { element.read($1, path.appending($0), issues) }
      if isUnique { reportRepeated(nodes, at: path, issues) }
      let sound = elements.compactMap(\.self)
      return sound.count == elements.count ? sound : nil
    }
  }

  private static func reportRepeated(_ nodes: [JSONNode], at path: JSONPath, _ issues: JSONIssues) {
    var seen: Set<String> = []
    for (index, node) in nodes.enumerated() where !seen.insert(JSONOutput(node).encoded()).inserted {
      issues.report(
        "expected every value once, found \(issues.shown(node)) again", at: path.appending(index), line: node.line)
    }
  }

  private static func listSchema(of element: JSONOutput, count: ClosedRange<Int>, isUnique: Bool) -> JSONOutput {
    var members: [(String, JSONOutput)] = [("type", .string("array")), ("items", element)]
    if count.lowerBound > 0 { members.append(("minItems", .int(count.lowerBound))) }
    if count.upperBound < .max { members.append(("maxItems", .int(count.upperBound))) }
    if isUnique { members.append(("uniqueItems", .bool(true))) }
    return .object(members)
  }
}
