import Glibc

/// A Markdown table: texts on the left, figures on the right.
struct Table {
  private let head: [String]
  private var rows: [[String]] = []

  /// - Parameters:
  ///   - name: over the rows' names.
  ///   - figures: over the figures.
  init(_ name: String, figures: () -> [String]) { head = [name] + figures() }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let rule = ["---"] + Array(repeating: "---:", count: head.count - 1)
    return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
  }
}

extension Double {
  /// With a fixed number of digits behind the point.
  func rounded(to digits: Int) -> String {
    let scale = pow(10, Double(digits))
    let whole = Int((self * scale).rounded())
    guard digits > 0 else { return "\(whole)" }
    let fraction = "\(abs(whole) % Int(scale))"
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(self < 0 ? "−" : "")\(abs(whole) / Int(scale)).\(zeros)\(fraction)"
  }

  var percent: String { "\((self * 100).rounded(to: 0)) %" }
}

extension Int {
  var asThreads: String { self == 1 ? "1 thread" : "\(self) threads" }
}
