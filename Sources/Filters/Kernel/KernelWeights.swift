import StrictJSON
import Volumes

/// Weights as a job writes them: nested arrays, the innermost along the first of the kernel's axes.
struct KernelWeights: Sendable {
  /// From the innermost to the outermost array; 1 to 3 of them.
  let lengths: [Int]
  /// The innermost array's index is the fastest.
  let values: [Double]
}

extension Kind where Value == KernelWeights {
  static var weights: Kind {
    Kind(expected: expected, schema: schema, write: { _ in .null }, read: read)
  }

  private static let expected = "nested arrays of numbers, 1 to 3 deep"

  /// About 1000 × 1000 or 100 × 100 × 100. Beyond this, finding out whether the weights come apart takes minutes, and
  /// filtering with them takes days.
  private static let most = 1 << 20

  /// An array whose first row is the odd one is reported by so many of the others, not by a million.
  private static let mostMistakes = 10

  /// The lengths are those of the first rows; every other row is held against them.
  @Sendable private static func read(_ node: JSONNode, _ path: JSONPath, _ issues: JSONIssues) -> KernelWeights? {
    var lengths: [Int] = []
    var first = node
    while let elements = first.array, let next = elements.first, lengths.count < 4 {
      lengths.append(elements.count)
      first = next
    }
    // An array without a first element ends the walk too.
    guard (1...3).contains(lengths.count), first.array == nil else {
      issues.reportMismatch(first.array?.isEmpty == true ? "at least one weight" : expected, node, at: path)
      return nil
    }
    // As a Double, because the first rows of a malformed array may promise more than fits an Int.
    let count = lengths.reduce(1) { $0 * Double($1) }
    guard count <= Double(most) else {
      issues.report("expected at most \(most) weights, found \(count.significant(15))", at: path, line: node.line)
      return nil
    }
    let before = issues.all.count
    var values: [Double] = []
    collect(node, lengths[...], at: path, into: &values, issues)
    guard issues.all.count == before else { return nil }
    return KernelWeights(lengths: lengths.reversed(), values: values)
  }

  private static func collect(
    _ node: JSONNode, _ lengths: ArraySlice<Int>, at path: JSONPath, into values: inout [Double], _ issues: JSONIssues
  ) {
    guard let length = lengths.first else {
      guard let value = node.double else { return issues.reportMismatch("a number", node, at: path) }
      return values.append(value)
    }
    guard let elements = node.array, elements.count == length else {
      return issues.reportMismatch("an array of \(length), as long as the first one", node, at: path)
    }
    let before = issues.all.count
    for (index, element) in elements.enumerated() where issues.all.count < before + mostMistakes {
      collect(element, lengths.dropFirst(), at: path.appending(index), into: &values, issues)
    }
  }

  private static var schema: JSONOutput {
    let row = array(of: .object([("type", .string("number"))]))
    return .object([("anyOf", .array([row, array(of: row), array(of: array(of: row))]))])
  }

  private static func array(of items: JSONOutput) -> JSONOutput {
    .object([("type", .string("array")), ("items", items), ("minItems", .int(1))])
  }
}
