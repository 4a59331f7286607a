import Volumes

/// Which names the job asks for, and which of its patterns have been of any use.
package struct ScanSelection: Sendable {
  let include: [Pattern]
  let exclude: [Pattern]
  private let looksAtHidden: Bool
  /// Indices of the patterns that nothing has matched so far.
  private(set) var unusedIncludes: Set<Int>
  private(set) var unusedExcludes: Set<Int>

  package struct Pattern: Sendable {
    let text: String
    let glob: Glob

    init(_ text: String) {
      self.text = text
      glob = Glob(text)
    }
  }

  /// - Parameter include: nothing means every scan.
  package init(include: [String], exclude: [String]) {
    self.include = include.map(Pattern.init)
    self.exclude = exclude.map(Pattern.init)
    looksAtHidden = include.contains { pattern in pattern.split(separator: "/").contains { $0.hasPrefix(".") } }
    unusedIncludes = Set(include.indices)
    unusedExcludes = Set(exclude.indices)
  }

  func looksAt(_ name: String) -> Bool { looksAtHidden || !name.hasPrefix(".") }

  /// Whether a pattern leaves out the folder itself (`lost+found`) or whatever is in it (`lost+found/**`).
  mutating func excludes(folder: String) -> Bool {
    let found = exclude.indices.first {
      exclude[$0].glob.matches(folder) || exclude[$0].glob.matches("\(folder)/whatever")
    }
    if let found { unusedExcludes.remove(found) }
    return found != nil
  }

  /// Whether a scan in the folder could be asked for.
  func mayHoldScans(_ folder: String) -> Bool {
    include.isEmpty || include.contains { $0.glob.canMatchBelow(folder) }
  }

  /// Whether the job asks for a path. Each pattern that matches it is remembered as used, the excluding ones also where
  /// the job would not have asked for the path anyway.
  mutating func wants(_ path: String) -> Bool {
    for index in unusedIncludes where include[index].glob.matches(path) { unusedIncludes.remove(index) }
    for index in unusedExcludes where exclude[index].glob.matches(path) { unusedExcludes.remove(index) }
    return includes(path) && !exclude.contains { $0.glob.matches(path) }
  }

  private func includes(_ path: String) -> Bool { include.isEmpty || include.contains { $0.glob.matches(path) } }

  /// Whether a pattern leads into a folder by names alone: its segments before the first wildcard go there or further down.
  func names(folder: String) -> Bool {
    let wanted = folder.split(separator: "/")
    return include.contains { pattern in
      let plain = pattern.text.split(separator: "/").prefix { !$0.contains { "*?[".contains($0) } }
      return plain.starts(with: wanted)
    }
  }

  /// Whether a pattern that matches the path spells this ending out, instead of taking whatever there is.
  func spellsOut(_ ending: String, of path: String) -> Bool {
    include.contains { $0.text.lowercased().hasSuffix(ending) && $0.glob.matches(path) }
  }
}
