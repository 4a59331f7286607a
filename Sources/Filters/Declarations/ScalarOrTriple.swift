import StrictJSON
import Volumes

/// One number for all axes, or three in the order i, j, k.
enum ScalarOrTriple<Number: Sendable>: Sendable {
  case scalar(Number)
  case triple(PerAxis<Number>)

  var perAxis: PerAxis<Number> {
    switch self {
    case .scalar(let number): PerAxis(all: number)
    case .triple(let numbers): numbers
    }
  }
}

extension Kind {
  /// - Parameters:
  ///   - scalar: What one number for all axes may be.
  ///   - element: What each of three numbers may be.
  ///   - note: What to know about the three, for the error sentence.
  static func scalarOrTriple<Number>(
    _ scalar: Kind<Number>, element: Kind<Number>, note: String = ""
  ) -> Kind where Value == ScalarOrTriple<Number> {
    let expected = "\(scalar.expected), or three for i, j, k\(note)"
    let triple = JSONOutput.object([
      ("type", .string("array")), ("items", element.schema), ("minItems", .int(3)), ("maxItems", .int(3)),
    ])
    return Kind(
      expected: expected, schema: .object([("anyOf", .array([scalar.schema, triple]))]), write: write(element)
    ) {
      node, path, issues in
      guard let nodes = node.array else {
        // The sentence for what is neither names both.
        if let number = scalar.read(node, path, JSONIssues()) { return .scalar(number) }
        issues.reportMismatch(expected, node, at: path)
        return nil
      }
      guard nodes.count == 3 else {
        issues.reportMismatch("one value or three (i, j, k)", node, at: path)
        return nil
      }
      let numbers = nodes.enumerated().map { element.read($1, path.appending($0), issues) }
      guard let i = numbers[0], let j = numbers[1], let k = numbers[2] else { return nil }
      return .triple(PerAxis(i, j, k))
    }
  }

  private static func write<Number>(_ element: Kind<Number>) -> @Sendable (ScalarOrTriple<Number>) -> JSONOutput {
    {
      switch $0 {
      case .scalar(let number): element.write(number)
      case .triple(let numbers): .array(numbers.array.map { element.write($0) })
      }
    }
  }
}

extension Kind where Value == ScalarOrTriple<Double> {
  /// A width: above 0, or three of which a 0 leaves its axis alone.
  ///
  /// 10,000 mm or voxels is far beyond any scan; the limit turns a slip of the keyboard into a message.
  static var amount: Kind {
    .scalarOrTriple(
      .number(.above(0, upTo: 10_000)), element: .number(.from(0, to: 10_000)), note: " (0 leaves an axis alone)"
    )
    .requiring(
      "at least one of three numbers above 0",
      schema: ("contains", .object([("exclusiveMinimum", .int(0))]))
    ) { $0.perAxis.array.contains { $0 > 0 } }
  }
}

extension Kind {
  /// The same kind with one more condition on sound values; `schema` is what a schema can say of it.
  func requiring(
    _ condition: String, schema addition: (String, JSONOutput), _ holds: @escaping @Sendable (Value) -> Bool
  ) -> Kind {
    var schema = self.schema
    if case .object(let members) = schema { schema = .object(members + [addition]) }
    let read = self.read
    return Kind(expected: expected, schema: schema, write: write, restate: restate) { node, path, issues in
      guard let value = read(node, path, issues) else { return nil }
      guard holds(value) else {
        let found = JSONOutput(node).encoded()
        issues.report("expected \(condition), found \(found)", at: path, line: node.line)
        return nil
      }
      return value
    }
  }
}
