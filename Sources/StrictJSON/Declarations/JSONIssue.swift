/// One thing wrong with a document: where it is, and what was expected and found there.
package struct JSONIssue: Error, Hashable, Sendable {
  package let path: JSONPath
  /// Counted from 1; that of the enclosing object for a missing key.
  package let line: Int
  package let problem: String

  package init(path: JSONPath, line: Int, problem: String) {
    self.path = path
    self.line = line
    self.problem = problem
  }
}

extension JSONIssue: CustomStringConvertible {
  package var description: String { path.isRoot ? "\(problem) (line \(line))" : "\(path): \(problem) (line \(line))" }
}

/// The way from a document to one of its values: `filters[1].sigma_mm`.
package struct JSONPath: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package static let root = JSONPath(description: "")

  package var isRoot: Bool { description.isEmpty }

  package func appending(_ index: Int) -> JSONPath { JSONPath(description: "\(description)[\(index)]") }

  /// Keys that are no plain words stand in quotes, so that no key can look like another path or drive a terminal.
  package func appending(_ key: String) -> JSONPath {
    guard key.utf8.allSatisfy(Self.isPlain), !key.isEmpty else {
      return JSONPath(description: "\(description)[\(key.quoted)]")
    }
    return JSONPath(description: isRoot ? key : "\(description).\(key)")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    JSONReader.isWordByte(byte) || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "-")
  }
}

/// Collects what is wrong, so that all of it is reported at once.
///
/// A class, because one list is filled by every reader of a document; it never leaves the thread that decodes.
package final class JSONIssues {
  package private(set) var all: [JSONIssue] = []
  /// Whether the document's texts are kept out of the sentences, because they may name patients.
  package let hidesTexts: Bool

  package init(hidingTexts: Bool = false) { hidesTexts = hidingTexts }

  /// A text of the document as a sentence may show it.
  package func shown(_ text: String) -> String { hidesTexts ? "a text of \(text.count) characters" : text.quoted }

  /// A value of the document in a few words.
  package func shown(_ node: JSONNode) -> String { node.string.map(shown) ?? node.summary }

  package func report(_ problem: String, at path: JSONPath, line: Int) {
    all.append(JSONIssue(path: path, line: line, problem: problem))
  }

  package func reportMismatch(_ expected: String, _ node: JSONNode, at path: JSONPath) {
    report("expected \(expected), found \(shown(node))", at: path, line: node.line)
  }
}

extension JSONNode {
  /// A few words for a message; long values are cut.
  package var summary: String {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let text): text.count <= 40 ? text : "\(text.prefix(40))…"
    case .string(let text): text.quoted
    case .array(let elements): elements.isEmpty ? "an empty array" : "an array of \(elements.count)"
    case .object: "an object"
    }
  }
}

extension String {
  /// In quotes, escaped as in JSON, cut after 60 characters.
  package var quoted: String {
    let text = JSONOutput.string(String(prefix(60))).encoded()
    return count <= 60 ? text : "\(text.dropLast())…\""
  }
}

extension [String] {
  /// `"a", "b" or "c"`
  package func quotedList(_ conjunction: String) -> String {
    let words = map(\.quoted)
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
  }
}
