import StrictJSON
import VolumeIO

/// What a job says about doubtful cases.
package struct PolicySpec: Sendable {
  package let nonFinite: NonFinitePolicy
  package let names: NamePolicy
  package let headers: HeaderPolicy
  package let unchanged: Comparison
  package let accept: Set<Leniency>
  /// What outputs keep of their inputs' headers.
  package let retention: HeaderRetention
  /// Where the policy for non-finite voxels stands in the job file, for messages.
  let line: Int
}

extension PolicySpec {
  /// The defaults.
  init() {
    self.init(
      nonFinite: .refuse, names: .relative, headers: .tolerant, unchanged: .content, accept: [], retention: .all,
      line: 1)
  }

  init?(_ object: ObjectReader) {
    let nonFinite = object.read(Self.nonFiniteKey)
    let names = object.read(Self.namesKey)
    let headers = object.read(Self.headersKey)
    let unchanged = object.read(Self.unchangedKey)
    let accept = object.read(Self.acceptKey)
    let extensions = object.read(Self.extensionsKey)
    let textFields = object.read(Self.textFieldsKey)
    guard object.isSound, let nonFinite, let names, let headers, let unchanged, let accept, let extensions,
      let textFields
    else {
      return nil
    }
    self.init(
      nonFinite: nonFinite, names: names, headers: headers, unchanged: unchanged, accept: Set(accept),
      retention: HeaderRetention(extensions: extensions, textFields: textFields), line: object.line(of: "nonfinite"))
  }

  /// What decides the bytes of an output.
  ///
  /// The initialiser takes every option, and none has a default there: an option that is added does not compile here before
  /// somebody has decided whether it belongs to the recipe. One that does enters it only where it is not at its default,
  /// so that outputs made before it existed stay up to date.
  var recipeParts: [String] {
    let all = PolicySpec(
      nonFinite: nonFinite, names: names, headers: headers, unchanged: unchanged, accept: accept, retention: retention,
      line: line)
    return [
      all.nonFinite.rawValue, all.accept.map(\.rawValue).sorted().joined(separator: ","), all.retention.extensions.name,
      all.retention.textFields.rawValue,
    ]
  }
}

/// What to do with NaN and infinite voxels of an input.
package enum NonFinitePolicy: String, CaseIterable, Sendable {
  /// The scan is refused.
  case refuse
  /// They spread over the kernel's support, as arithmetic has it.
  case propagate
  /// They count as absent: neighbours are weighed without them.
  case ignore
  /// They become 0 first.
  case zero
}

/// How the log names scans.
package enum NamePolicy: String, CaseIterable, Sendable {
  /// By their path below the input root.
  case relative
  /// By a keyed hash of it, where paths carry patients' numbers.
  case hmac
}

/// How a file is known to be the one that the log recorded.
package enum Comparison: String, CaseIterable, Sendable {
  /// By its digest: it is read.
  case content
  /// By its size, times and inode where the log has them, and by its digest otherwise.
  case stat
}

// MARK: - Keys

extension PolicySpec {
  static let form = Form(keys: [
    nonFiniteKey.declaration, namesKey.declaration, headersKey.declaration, unchangedKey.declaration,
    acceptKey.declaration,
    extensionsKey.declaration,
    textFieldsKey.declaration,
  ])

  private static let nonFiniteKey = Key<NonFinitePolicy>(
    "nonfinite", .choice, .byDefault(.refuse),
    "NaN and infinite voxels: refuse the scan, let them spread, leave them out of all sums, or make them 0 first.")
  private static let namesKey = Key<NamePolicy>(
    "names", .choice, .byDefault(.relative),
    "How the log names scans: by path below the input root, or by a keyed hash.")
  private static let headersKey = Key<HeaderPolicy>(
    "headers", .choice, .byDefault(.tolerant),
    "Odd header fields that the voxels do not depend on: record a finding and do the scan, or refuse it.")
  private static let unchangedKey = Key<Comparison>(
    "unchanged", .choice, .byDefault(.content),
    "How what was done before is known again: by reading it, or by the size, times and inode that the log recorded.")
  private static let acceptKey = Key<[Leniency]>(
    "accept", .list(of: .choice, "leniencies", count: 0...Leniency.allCases.count, isUnique: true), .byDefault([]),
    "Kinds of damage in headers that are let pass; each time is recorded.")
  private static let extensionsKey = Key<HeaderRetention.Extensions>(
    "extensions", .extensions, .byDefault(.keep),
    "Header extensions: copy all to the output, none, or those with one of these codes.")
  private static let textFieldsKey = Key<HeaderRetention.TextFields>(
    "text_fields", .choice, .byDefault(.keep), "Text in the header: copy it to the output, or fill it with zeros.")
}

extension Kind where Value == HeaderRetention.Extensions {
  fileprivate static var extensions: Kind {
    let words: Kind = .word([("keep", .keep), ("drop", .drop)])
    let codes = Kind<[Int]>.list(
      of: .integer(.from(0, to: Int(Int32.max))), "extension codes", count: 1...100, isUnique: true)
    let expected = "\"keep\", \"drop\" or an array of extension codes"
    return Kind(
      expected: expected, schema: .object([("anyOf", .array([words.schema, codes.schema]))]),
      write: { value in
        if case .only(let kept) = value { codes.write(kept.map(Int.init).sorted()) } else { words.write(value) }
      }
    ) { node, path, issues in
      if node.array != nil {
        return codes.read(node, path, issues).map { .only(Set($0.map(Int32.init(truncatingIfNeeded:)))) }
      }
      if let word = words.read(node, path, JSONIssues()) { return word }
      issues.reportMismatch(expected, node, at: path)
      return nil
    }
  }
}

extension HeaderRetention.Extensions {
  /// For the recipe's digest: equal names mean the same.
  var name: String {
    switch self {
    case .keep: "keep"
    case .drop: "drop"
    case .only(let codes): codes.sorted().map(String.init).joined(separator: ",")
    }
  }
}
