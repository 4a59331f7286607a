// Sizes that come from headers may be larger than any Int; where only "too much" matters, `Int.max` says so.

extension Int {
  /// `Int.max` where the product does not fit. For numbers of at least 0.
  package func multipliedSaturating(by other: Int) -> Int {
    let (product, overflowed) = multipliedReportingOverflow(by: other)
    return overflowed ? .max : product
  }

  /// `Int.max` where the sum does not fit. For numbers of at least 0.
  package func addingSaturating(_ other: Int) -> Int {
    let (sum, overflowed) = addingReportingOverflow(other)
    return overflowed ? .max : sum
  }
}
