extension Double {
  /// The exact value as C's `%a` and Python's `float.hex` write it: `0x1.8p-2`. Every reader of it gets the same bits.
  package var hexadecimal: String {
    guard isFinite else { return isNaN ? "nan" : sign == .minus ? "-inf" : "inf" }
    let sign = sign == .minus ? "-" : ""
    guard self != 0 else { return "\(sign)0x0p+0" }
    // A subnormal number is written with the leading digit 1 too: it has an exponent of its own.
    let digits = String((significand - 1) * 0x1p52 as Double as Self, radixDigits: 13)
    return "\(sign)0x1\(digits.isEmpty ? "" : ".\(digits)")p\(exponent < 0 ? "" : "+")\(exponent)"
  }
}

extension String {
  /// The hexadecimal digits of a whole number, padded in front to `radixDigits` and stripped of the zeros at the end.
  fileprivate init(_ fraction: Double, radixDigits: Int) {
    let digits = String(UInt64(fraction), radix: 16)
    let padded = String(repeating: "0", count: radixDigits - digits.count) + digits
    self = String(padded.reversed().drop { $0 == "0" }.reversed())
  }
}
