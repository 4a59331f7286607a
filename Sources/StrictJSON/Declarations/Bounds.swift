/// The interval that a number must lie in.
package struct Bounds<Number: Comparable & Sendable & LosslessStringConvertible>: Sendable {
  private var lower: Number?
  private var upper: Number?
  private var excludesLower = false
  private var excludesUpper = false

  package static var any: Bounds { Bounds() }

  package static func from(_ lower: Number, to upper: Number? = nil) -> Bounds { Bounds(lower: lower, upper: upper) }

  package static func from(_ lower: Number, below upper: Number) -> Bounds {
    Bounds(lower: lower, upper: upper, excludesUpper: true)
  }

  package static func above(_ lower: Number, upTo upper: Number? = nil) -> Bounds {
    Bounds(lower: lower, upper: upper, excludesLower: true)
  }

  package func contains(_ number: Number) -> Bool {
    let isHighEnough = lower.map { excludesLower ? number > $0 : number >= $0 } ?? true
    let isLowEnough = upper.map { excludesUpper ? number < $0 : number <= $0 } ?? true
    return isHighEnough && isLowEnough
  }

  /// ` above 0 and at most 100`, with the space before it; empty for no bounds.
  package var words: String {
    if let lower, let upper, !excludesLower, !excludesUpper { return " from \(text(lower)) to \(text(upper))" }
    let parts = [
      lower.map { "\(excludesLower ? "above" : "at least") \(text($0))" },
      upper.map { "\(excludesUpper ? "below" : "at most") \(text($0))" },
    ].compactMap(\.self)
    return parts.isEmpty ? "" : " " + parts.joined(separator: " and ")
  }

  package func schema(_ write: (Number) -> JSONOutput) -> [(String, JSONOutput)] {
    [
      lower.map { (excludesLower ? "exclusiveMinimum" : "minimum", write($0)) },
      upper.map { (excludesUpper ? "exclusiveMaximum" : "maximum", write($0)) },
    ].compactMap(\.self)
  }

  private func text(_ number: Number) -> String { (number as? Double)?.words ?? String(number) }
}

extension Double {
  /// As people write it: 3, not 3.0.
  package var words: String { description.hasSuffix(".0") ? String(description.dropLast(2)) : description }
}
