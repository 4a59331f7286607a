import Foundation

/// One case of a golden file: fields that are taken from the front, one after another.
struct GoldenCase: CustomStringConvertible {
  private var fields: ArraySlice<Substring>
  let description: String

  mutating func word() throws -> String { String(try next()) }
  mutating func integer() throws -> Int { try parsed { Int($0) } }
  mutating func double() throws -> Double { try parsed { Double($0) } }
  mutating func doubles(_ count: Int) throws -> [Double] { try (0..<count).map { _ in try double() } }
  mutating func remainingDoubles() throws -> [Double] { try doubles(fields.count) }

  private mutating func next() throws -> Substring {
    guard let field = fields.popFirst() else { throw GoldenError.tooFewFields(description) }
    return field
  }

  private mutating func parsed<T>(_ parse: (Substring) -> T?) throws -> T {
    let field = try next()
    guard let value = parse(field) else { throw GoldenError.notANumber(String(field)) }
    return value
  }
}

enum GoldenError: Error {
  case tooFewFields(String)
  case notANumber(String)
  case noCases(String)
}

extension GoldenCase {
  init(line: Substring) {
    fields = line.split(separator: " ")[...]
    description = String(line.prefix(60))
  }

  /// The cases of a file that `Golden/make.py` wrote.
  static func all(in name: String) throws -> [GoldenCase] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    let cases = text.split(separator: "\n").map(GoldenCase.init(line:))
    // A test that loops over none would pass.
    guard !cases.isEmpty else { throw GoldenError.noCases(name) }
    return cases
  }
}
