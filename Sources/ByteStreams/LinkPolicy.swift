/// What to do with symbolic links on the way to an input. The raw values are the job file's.
package enum LinkPolicy: String, CaseIterable, Sendable {
  /// Links are followed as long as they stay beneath the root (git-annex and DataLad keep their files so).
  case withinRoot = "within-root"
  /// Links may lead anywhere.
  case follow
  /// A link anywhere in the path is refused.
  case refuse
}
