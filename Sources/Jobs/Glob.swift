/// A pattern for the paths of scans, relative to the input root.
///
///     *      any characters of one name, none included        [abc] [a-z]   one of these characters
///     ?      one character                                    [!abc]        one that is none of these
///     **     as a whole segment: any folders, none included; at the end, whatever is in them
///
/// As in a shell, a dot that begins a name is matched by a dot alone: `**` does not look into `.git`. Capitals matter.
package struct Glob: Sendable, Hashable {
  private let segments: [Segment]

  private enum Segment: Hashable {
    /// `**`
    case anyFolders
    case name([Token])
  }

  /// A pattern without a `problem` means what the table says; every other text matches nothing unexpected.
  package init(_ pattern: String) {
    let segments: [Segment] = pattern.split(separator: "/", omittingEmptySubsequences: false).map { segment in
      segment == "**" ? .anyFolders : .name(Token.tokens(of: segment))
    }
    self.segments = segments.last == .anyFolders ? segments + [.name([.anyNumber])] : segments
  }

  /// Whether the whole path matches. O(segments of the pattern · segments of the path).
  package func matches(_ path: String) -> Bool { follow(path).matches }

  /// Whether some path in a folder could match.
  package func canMatchBelow(_ folder: String) -> Bool { follow(folder).leadsOn }

  private func follow(_ path: String) -> (matches: Bool, leadsOn: Bool) {
    let names = path.split(separator: "/", omittingEmptySubsequences: false).map { Array($0.unicodeScalars) }
    // reached[n]: the segments so far can match the first n names.
    var reached = [true] + Array(repeating: false, count: names.count)
    var leadsOn = false
    for segment in segments {
      leadsOn = leadsOn || reached[names.count]
      var next = Array(repeating: false, count: names.count + 1)
      switch segment {
      case .anyFolders:
        next[0] = reached[0]
        for n in names.indices { next[n + 1] = reached[n + 1] || (next[n] && names[n].first != ".") }
      case .name(let tokens):
        for n in names.indices where reached[n] { next[n + 1] = Token.match(tokens[...], names[n][...]) }
      }
      reached = next
    }
    return (reached[names.count], leadsOn)
  }

  /// What is wrong with a pattern, as a sentence for its reader; `nil` when nothing is.
  ///
  /// - Parameter shown: the pattern as the sentence may show it.
  package static func problem(of pattern: String, shownAs shown: String) -> String? {
    if pattern.utf8.contains(0) { return "expected a pattern, found one with a NUL in it" }
    if pattern.utf8.count > 4095 { return "expected at most 4095 bytes, found \(pattern.utf8.count)" }
    if pattern.contains("\\") {
      return "expected \"/\" between folders and [ ] around special characters, found a \"\\\""
    }
    // A slash at the end matches nothing, which is told with what was found in the archive.
    let path = pattern.count > 1 && pattern.hasSuffix("/") ? pattern.dropLast() : pattern[...]
    let segments = path.split(separator: "/", omittingEmptySubsequences: false)
    if segments.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) {
      return
        "expected a path relative to the input root, without empty, \".\" or \"..\" segments, found \(shown)"
    }
    if segments.contains(where: { $0 != "**" && $0.contains("**") }) {
      return "expected \"**\" to stand alone between slashes, found \(shown)"
    }
    return segments.contains { !Token.areBracketsClosed($0) }
      ? "expected a \"]\" for every \"[\", found \(shown)" : nil
  }
}

/// A piece of one name's pattern.
private enum Token: Hashable {
  case literal(Unicode.Scalar)
  case anyOne
  case anyNumber
  case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)

  static func tokens(of segment: Substring) -> [Token] {
    var rest = segment.unicodeScalars[...]
    var tokens: [Token] = []
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": tokens.append(.anyNumber)
      case "?": tokens.append(.anyOne)
      case "[": tokens.append(set(&rest) ?? .literal("["))
      default: tokens.append(.literal(scalar))
      }
    }
    return tokens
  }

  static func areBracketsClosed(_ segment: Substring) -> Bool {
    // An opening bracket stays a literal only where it has no partner; `[[]` is how to ask for one.
    !tokens(of: segment).contains(.literal("["))
  }

  /// What stands between brackets, the opening one being read; `nil` when they do not close. A closing bracket that
  /// comes first is one of the characters.
  private static func set(_ rest: inout Substring.UnicodeScalarView) -> Token? {
    var inside = rest
    let isNegated = inside.first == "!" || inside.first == "^"
    if isNegated { inside.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let first = inside.popFirst() {
      if first == "]", !ranges.isEmpty {
        rest = inside
        return .oneOf(ranges, isNegated: isNegated)
      }
      let afterHyphen = inside.dropFirst().first
      guard inside.first == "-", let last = afterHyphen, last != "]" else {
        ranges.append(first...first)
        continue
      }
      inside.removeFirst(2)
      ranges.append(min(first, last)...max(first, last))
    }
    return nil
  }

  /// Whether the tokens match the whole name. Only the last star is ever tried again, so the cost is the product of the
  /// lengths at most.
  static func match(_ tokens: ArraySlice<Token>, _ name: ArraySlice<Unicode.Scalar>) -> Bool {
    if name.first == ".", tokens.first != .literal(".") { return false }
    var (tokens, name) = (tokens, name)
    var retry: (tokens: ArraySlice<Token>, name: ArraySlice<Unicode.Scalar>)?
    while true {
      if tokens.first == .anyNumber {
        tokens.removeFirst()
        retry = (tokens, name)
      } else if let token = tokens.first, let scalar = name.first, token.accepts(scalar) {
        tokens.removeFirst()
        name.removeFirst()
      } else if tokens.isEmpty, name.isEmpty {
        return true
      } else {
        guard let last = retry, !last.name.isEmpty else { return false }
        retry = (last.tokens, last.name.dropFirst())
        (tokens, name) = (last.tokens, last.name.dropFirst())
      }
    }
  }

  private func accepts(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .literal(let own): own == scalar
    case .anyOne: true
    case .anyNumber: false
    case .oneOf(let ranges, let isNegated): ranges.contains { $0.contains(scalar) } != isNegated
    }
  }
}
