import ByteStreams
import StrictJSON

/// Which scans a job is about.
package struct InputSpec: Sendable {
  package let root: String
  /// Patterns without a `Glob.problem`. None means every scan.
  package let include: [String]
  package let exclude: [String]
  package let symlinks: LinkPolicy

  init?(_ object: ObjectReader) {
    let root = object.read(Self.rootKey)
    let include = object.read(Self.includeKey)
    let exclude = object.read(Self.excludeKey)
    let symlinks = object.read(Self.symlinksKey)
    guard object.isSound, let root, let exclude, let symlinks else { return nil }
    self.root = root
    self.include = include ?? []
    self.exclude = exclude
    self.symlinks = symlinks
  }
}

// MARK: - Keys

extension InputSpec {
  static let form = Form(keys: [
    rootKey.declaration, includeKey.declaration, excludeKey.declaration, symlinksKey.declaration,
  ])

  private static let rootKey = Key<String>(
    "root", .path("the path of a folder"), .required, "The folder that is searched for scans, with its subfolders.")
  private static let includeKey = Key<[String]>(
    "include", .list(of: .pattern, "patterns", count: 1...1000), .optional,
    "Patterns; a scan is taken when its path below the root matches one of them. Without this key, every scan.")
  private static let excludeKey = Key<[String]>(
    "exclude", .list(of: .pattern, "patterns", count: 0...1000), .byDefault([]),
    "Patterns; a scan is left out when its path below the root matches one of them.")
  private static let symlinksKey = Key<LinkPolicy>(
    "symlinks", .choice, .byDefault(.withinRoot), "Which symbolic links are followed to scans.")
}

extension Kind where Value == String {
  fileprivate static var pattern: Kind {
    Kind(
      expected: "a pattern such as \"**/*_T1w.nii.gz\"",
      schema: .object([
        ("type", .string("string")), ("minLength", .int(1)), ("pattern", .string("^[^/\\\\\\u0000][^\\\\\\u0000]*$")),
      ]),
      write: { .string($0) },
      restate: { node, discretion in discretion == .noPaths ? .string("<pattern>") : JSONOutput(node) }
    ) { node, path, issues in
      guard let text = node.string, !text.isEmpty else {
        issues.reportMismatch("a pattern such as \"**/*_T1w.nii.gz\"", node, at: path)
        return nil
      }
      guard let problem = Glob.problem(of: text, shownAs: issues.shown(text)) else { return text }
      issues.report(problem, at: path, line: node.line)
      return nil
    }
  }
}
