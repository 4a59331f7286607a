/// A kernel cannot be made from what was asked: facts, from which `description` makes the sentence.
package struct KernelFailure: Error, Equatable, Sendable {
  /// What was looked at: `gaussian radius`.
  package let what: String
  package let expected: String
  package let found: String

  package init(_ what: String, expected: String, found: String) {
    self.what = what
    self.expected = expected
    self.found = found
  }
}

extension KernelFailure: CustomStringConvertible {
  package var description: String { "\(what): expected \(expected), found \(found)" }
}
