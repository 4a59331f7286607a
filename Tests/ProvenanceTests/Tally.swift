import Testing

/// Counts what was tried and what was found, for the table of goals that Tests/Faults/show.py makes.
struct Tally {
  private var tried = 0
  private var found = 0

  /// - Parameter what: names the attempt, when it was not found.
  mutating func expect(_ isFound: Bool, _ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    tried += 1
    found += isFound ? 1 : 0
    #expect(isFound, "\(what)", sourceLocation: sourceLocation)
  }

  /// One line of the table: the goal, what was tried, how much of it was as it must be.
  func tell(_ what: String) { print("figure\tG12\t\(what)\t\(found)/\(tried)") }
}
