import StrictJSON
import Volumes

/// What is said about patterns that match nothing: a subject without consent slips in when `exclude` is misspelt.
struct PatternAdvice {
  /// The paths of all files that look like scans, whether the job asks for them or not.
  let paths: [String]

  /// A finding for each pattern that nothing matched.
  func findings(_ selection: ScanSelection, isHidden: Bool) -> [Finding] {
    finding("input.include", "include-unused", selection.include, selection.unusedIncludes, isHidden)
      + finding("input.exclude", "exclude-unused", selection.exclude, selection.unusedExcludes, isHidden)
  }

  private func finding(
    _ key: String, _ code: String, _ patterns: [ScanSelection.Pattern], _ unused: Set<Int>, _ isHidden: Bool
  ) -> [Finding] {
    let told = unused.sorted().prefix(Self.mostTold).map { index in
      let place = "\(key)[\(index)]"
      // Patterns name patients as paths do.
      guard !isHidden else { return Finding(code, "\(place): the pattern matches no scan") }
      let text = patterns[index].text
      let question = meant(by: text).map { "; did you mean \($0.quoted)?" } ?? ""
      return Finding(code, "\(place): \(text.quoted) matches no scan\(question)")
    }
    let more = unused.count - told.count
    return more > 0 ? told + [Finding(code, "\(key): \(more) more patterns match no scan")] : told
  }

  /// Looking for what was meant takes a moment for each pattern.
  private static let mostTold = 10

  /// A pattern that somebody may have meant by one that matches nothing: it matches something.
  func meant(by text: String) -> String? {
    let trimmed = String(text.reversed().drop { $0 == "/" }.reversed())
    guard !trimmed.isEmpty else { return nil }
    let spelt = [trimmed] + [inRightCapitals(trimmed), withNearestNames(trimmed)].compactMap { $0 }
    for pattern in spelt {
      let candidates = [pattern, "\(pattern)/**", "**/\(pattern)", "**/\(pattern)/**", "\(pattern)*", "**/\(pattern)*"]
      if let fitting = candidates.first(where: { $0 != text && matches($0) }) { return fitting }
    }
    return nil
  }

  /// - Complexity: looks at a bounded number of paths: a job may have a thousand patterns, an archive a million scans.
  private func matches(_ pattern: String) -> Bool {
    guard Glob.problem(of: pattern, shownAs: "") == nil else { return false }
    let glob = Glob(pattern)
    return paths.prefix(Self.mostPaths).contains { glob.matches($0) }
  }

  private static let mostPaths = 20_000

  private var names: Set<Substring> { Set(paths.prefix(Self.mostPaths).flatMap { $0.split(separator: "/") }) }

  /// The pattern with its plain segments in the capitals that the archive has them in.
  private func inRightCapitals(_ pattern: String) -> String? {
    let known = Dictionary(names.map { ($0.lowercased(), $0) }) { first, _ in first }
    return rewritten(pattern) { segment in known[segment.lowercased()].map(String.init) }
  }

  /// The pattern with its plain segments replaced by the names most like them.
  private func withNearestNames(_ pattern: String) -> String? {
    let known = Array(Set(names.map(String.init))).sorted()
    return rewritten(pattern) { Nearest.names(to: $0, among: known).first }
  }

  private func rewritten(_ pattern: String, _ change: (String) -> String?) -> String? {
    let segments = pattern.split(separator: "/").map(String.init)
    let changed = segments.map { $0.contains { "*?[".contains($0) } ? $0 : change($0) ?? $0 }
    return changed == segments ? nil : changed.joined(separator: "/")
  }

  /// What to say where no scan matched: the patterns, and what there is.
  func nothingMatched(_ selection: ScanSelection) -> String {
    var parts: [String] = []
    for (key, patterns) in [("include", selection.include), ("exclude", selection.exclude)] where !patterns.isEmpty {
      let shown = patterns.prefix(Self.mostShown).map(\.text.quoted).joined(separator: ", ")
      let more = patterns.count - Self.mostShown
      parts.append("\(key): \(shown)\(more > 0 ? " and \(more) more" : "")")
    }
    parts.append(paths.isEmpty ? "there is no file with a scan's name in it" : nearest(selection))
    return parts.joined(separator: "; ")
  }

  private static let mostShown = 5

  private func nearest(_ selection: ScanSelection) -> String {
    let meant = selection.include.lazy.compactMap { self.meant(by: $0.text) }.first
    let shown = paths.prefix(3).map(\.quoted).joined(separator: ", ")
    let count = paths.count == 1 ? "1 scan lies there" : "\(paths.count) scans lie there, such as"
    return "\(count) \(shown)" + (meant.map { "; did you mean \($0.quoted)?" } ?? "")
  }
}
