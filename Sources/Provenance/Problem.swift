/// One thing that is wrong with a log, or with a file that it names.
package struct Problem: Error, Hashable, Sendable {
  /// Stable names, for programs that read the report.
  package enum Kind: String, Sendable {
    /// Not one JSON object as the log writes them.
    case syntax
    case tooLong = "line-too-long"
    /// The last line has no end.
    case torn
    case carriageReturn = "carriage-return"
    case genesis
    case sequence
    case chain
    case head
    case truncated
    /// The head, or a copy of it, is not signed by the key that it must be signed by.
    case signature
    /// A copy of the head that was kept elsewhere does not fit the log, or there is none.
    case anchor
    case run
    case prepared
    case record
    case outputMissing = "output-missing"
    case outputChanged = "output-changed"
    /// The file's bytes are as recorded, its voxels are not: the record, or what decompresses, is wrong.
    case voxels
    case unrecorded = "file-not-recorded"
    /// A folder of the output tree that cannot be looked into may hold anything.
    case notSearched = "folder-not-searched"
    /// A part of a record that lies in a file of its own.
    case keptPartMissing = "record-file-missing"
    case keptPartChanged = "record-file-changed"
    case inputMissing = "input-missing"
    case inputChanged = "input-changed"
    /// An output could not be computed again.
    case replay
    /// What would be done to a scan now is not what was done to it.
    case recipe
    /// What made an output was changed since, on purpose: a warning.
    case earlierRule = "earlier-rule"
    /// The log that this one continues is missing, or another than the one that it continued.
    case continued
    /// Warnings.
    case timeGoesBack = "time-goes-back"
    case notCovered = "lines-after-head"
    case unknownType = "unknown-type"
    /// A keyed hash for a name leads to no file without the key.
    case notCompared = "input-not-compared"
    /// Nor can it be told whether an output stands under its own name.
    case notBound = "output-name-not-checked"
    /// The scan was withdrawn, and an output that was made of it is still there.
    case stillThere = "withdrawn-output-there"
    /// What an unfinished run leaves: a file under a temporary name, an output that was announced and is not there yet.
    case temporary = "temporary-file"
    case announced = "output-announced"
  }

  /// Counted from 1; nil when it is not about one line.
  package let line: Int?
  package let kind: Kind
  package let expected: String
  package let found: String
  /// The name of an earlier log that it is about; nil for the log itself.
  private(set) var log: String?

  package init(_ kind: Kind, line: Int?, expected: String, found: String) {
    self.kind = kind
    self.line = line
    self.expected = expected
    self.found = found
  }

  func inEarlier(_ log: String) -> Problem {
    var problem = self
    problem.log = log
    return problem
  }
}

extension Problem: CustomStringConvertible {
  package var description: String {
    let place = (log.map { "\($0): " } ?? "") + (line.map { "line \($0): " } ?? "")
    return "\(place)\(kind.rawValue): expected \(expected), found \(found)"
  }
}
