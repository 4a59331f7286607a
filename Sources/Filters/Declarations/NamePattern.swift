import StrictJSON

/// A name or path with placeholders that each scan fills in: `{root}/{dir}/{stem}_mask.nii.gz`.
///
///     {stem}          the scan's name without extension        {entity:sub}   the label of a BIDS entity in the name: 01
///     {dir}           its folder below input.root              {entities}     all of the name before the BIDS suffix
///     {root}          input.root                               {suffix}       the BIDS suffix: T1w
package struct NamePattern: Hashable, Sendable {
  package let text: String
  private let parts: [Part]

  private enum Part: Hashable, Sendable {
    case literal(String)
    case stem, dir, root, entities, suffix
    case entity(String)

    init?(placeholder name: String) {
      switch name {
      case "stem": self = .stem
      case "dir": self = .dir
      case "root": self = .root
      case "entities": self = .entities
      case "suffix": self = .suffix
      default:
        let label = name.dropFirst("entity:".count)
        guard name.hasPrefix("entity:"), !label.isEmpty,
          label.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) })
        else { return nil }
        self = .entity(String(label))
      }
    }
  }

  /// What is wrong with a pattern, as the predicate of a sentence.
  package struct Fault: Error, Equatable, Sendable {
    package let problem: String
  }

  /// - Throws: for a brace that belongs to no placeholder.
  package init(_ text: String) throws(Fault) {
    var parts: [Part] = []
    var rest = text[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      if brace > rest.startIndex { parts.append(.literal(String(rest[..<brace]))) }
      let inner = rest[rest.index(after: brace)...]
      guard rest[brace] == "{", let end = inner.firstIndex(of: "}") else {
        throw Fault(problem: "expected every brace to belong to a placeholder such as {stem}")
      }
      let name = String(inner[..<end])
      guard let part = Part(placeholder: name) else { throw Self.unknown(name) }
      parts.append(part)
      rest = inner[inner.index(after: end)...]
    }
    if !rest.isEmpty { parts.append(.literal(String(rest))) }
    self.text = text
    self.parts = parts
  }

  private static let names = ["stem", "dir", "root", "entities", "suffix", "entity:sub"]

  private static func unknown(_ name: String) -> Fault {
    Fault(
      problem: "unknown placeholder {\(name)}\(Nearest.question(name, among: names)); expected {stem}, {dir}, {root}, "
        + "{entities}, {suffix} or {entity:sub}")
  }

  /// Whether each scan has a name of its own.
  package var hasPlaceholders: Bool { parts.contains { if case .literal = $0 { false } else { true } } }

  /// Whether it asks for the folders of a scan.
  package var namesFolders: Bool { parts.contains(.dir) || parts.contains(.root) }

  /// What remains beside the placeholders.
  package var literals: String {
    parts.map { if case .literal(let text) = $0 { text } else { "" } }.joined()
  }

  /// The name for a scan.
  ///
  /// - Parameters:
  ///   - stem: the scan's path below input.root, without extension.
  ///   - root: input.root.
  /// - Throws: when the scan's name lacks what a placeholder stands for.
  package func filled(for stem: String, root: String) throws(Fault) -> String {
    let path = stem.split(separator: "/", omittingEmptySubsequences: false)
    let name = path.last.map(String.init) ?? stem
    var filled = ""
    for part in parts {
      switch part {
      case .literal(let text): filled += text
      case .stem: filled += name
      // A scan in input.root itself has the folder ".", so that {root}/{dir}/{stem} stays a path.
      case .dir: filled += path.count > 1 ? path.dropLast().joined(separator: "/") : "."
      case .root: filled += root
      case .entity(let key): filled += try BIDSName(name).label(of: key)
      case .entities: filled += try BIDSName(name).allEntities()
      case .suffix: filled += try BIDSName(name).wholeSuffix()
      }
    }
    return filled
  }
}

/// The parts of a name as BIDS has them: `sub-01_ses-2_T1w`.
private struct BIDSName {
  private let entities: [(key: Substring, label: Substring)]
  private let head: String
  private let suffix: Substring?

  init(_ name: String) {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    suffix = parts.last.flatMap { $0.contains("-") || $0.isEmpty ? nil : $0 }
    let rest = suffix == nil ? parts[...] : parts.dropLast()
    head = rest.joined(separator: "_")
    entities = rest.compactMap { part in
      let pair = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      return pair.count == 2 && !pair[0].isEmpty && !pair[1].isEmpty ? (pair[0], pair[1]) : nil
    }
  }

  func label(of key: String) throws(NamePattern.Fault) -> String {
    guard let entity = entities.first(where: { $0.key == key }) else {
      throw NamePattern.Fault(problem: "a name without the entity \(key)")
    }
    return String(entity.label)
  }

  func allEntities() throws(NamePattern.Fault) -> String {
    guard !entities.isEmpty else { throw NamePattern.Fault(problem: "a name without BIDS entities") }
    return head
  }

  func wholeSuffix() throws(NamePattern.Fault) -> String {
    guard let suffix else { throw NamePattern.Fault(problem: "a name without a BIDS suffix") }
    return String(suffix)
  }
}

extension Kind where Value == String {
  /// The path of a scan beside the input, for the whole job or with placeholders for each of its scans.
  static var scanPattern: Kind {
    let plain = Kind.path("the path of a scan, which may hold placeholders such as {stem}")
    return Kind(expected: plain.expected, schema: plain.schema, write: plain.write, restate: plain.restate) {
      node, path, issues in
      guard let text = plain.read(node, path, issues) else { return nil }
      do throws(NamePattern.Fault) {
        _ = try NamePattern(text)
        return text
      } catch {
        issues.report(error.problem, at: path, line: node.line)
        return nil
      }
    }
  }

  /// The name of an output without folders and extension.
  package static var outputName: Kind {
    let expected = "a file name without extension, such as \"{stem}_desc-smooth\""
    return Kind(
      expected: expected,
      schema: .object([
        ("type", .string("string")),
        (
          "pattern",
          .string("^(?!\\.)([^/{}\\u0000-\\u001f\\u007f]|\\{(stem|entities|suffix|entity:[A-Za-z0-9]+)\\})+$")
        ),
      ]),
      write: { .string($0) },
      restate: { node, discretion in discretion == .noPaths ? .string("<name>") : JSONOutput(node) }
    ) { node, path, issues in
      guard let text = node.string, !text.isEmpty else {
        issues.reportMismatch(expected, node, at: path)
        return nil
      }
      guard let problem = problem(ofOutputName: text) else { return text }
      issues.report("\(problem), found \(issues.shown(text))", at: path, line: node.line)
      return nil
    }
  }

  private static func problem(ofOutputName text: String) -> String? {
    let pattern: NamePattern
    do throws(NamePattern.Fault) { pattern = try NamePattern(text) } catch { return error.problem }
    if text.contains("/") || pattern.namesFolders {
      return "expected a name without folders (those of the input are kept)"
    }
    if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
      return "expected a name without control characters"
    }
    // Names that begin with a dot are hidden, and this program's own temporary files begin with one.
    if text.hasPrefix(".") { return "expected a name that does not begin with a dot" }
    if pattern.literals.utf8.count > 200 { return "expected at most 200 bytes beside the placeholders" }
    let lowered = text.lowercased()
    let endings = [".nii", ".nii.gz", ".nii.zst", ".gz", ".zst", ".hdr", ".img"]
    return endings.contains { lowered.hasSuffix($0) } ? "expected a name without extension (\"format\" adds it)" : nil
  }
}
