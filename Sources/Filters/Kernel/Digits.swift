import Glibc

extension Double {
  /// As C's `%g`, which leaves out zeros at the end: 0.0539909, 1e-19, 3.
  package func significant(_ digits: Int32) -> String {
    var text = [CChar](repeating: 0, count: 64)
    let count = withVaList([digits, self]) { vsnprintf(&text, text.count, "%.*g", $0) }
    guard (1..<text.count).contains(Int(count)) else { return description }
    return String(decoding: text[..<Int(count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func rounded(toDigits digits: Int32) -> Double { Double(significant(digits)) ?? self }
}
