import StrictJSON
import VolumeIO

/// What a job says about doubtful cases.
package struct PolicySpec: Sendable {
  package var nonFinite = NonFinitePolicy.refuse
  package var names = NamePolicy.relative
  package var accept: Set<Leniency> = []
  /// Where the policy for non-finite voxels stands in the job file, for messages.
  var line = 1

  init() {}

  init?(_ object: ObjectReader) {
    let nonFinite = object.read(Self.nonFiniteKey)
    let names = object.read(Self.namesKey)
    let accept = object.read(Self.acceptKey)
    guard object.isSound, let nonFinite, let names, let accept else { return nil }
    self.nonFinite = nonFinite
    self.names = names
    self.accept = Set(accept)
    self.line = object.line(of: "nonfinite")
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

// MARK: - Keys

extension PolicySpec {
  static let form = Form(keys: [nonFiniteKey.declaration, namesKey.declaration, acceptKey.declaration])

  private static let nonFiniteKey = Key<NonFinitePolicy>(
    "nonfinite", .choice, .byDefault(.refuse),
    "NaN and infinite voxels: refuse the scan, let them spread, leave them out of all sums, or make them 0 first.")
  private static let namesKey = Key<NamePolicy>(
    "names", .choice, .byDefault(.relative),
    "How the log names scans: by path below the input root, or by a keyed hash.")
  private static let acceptKey = Key<[Leniency]>(
    "accept", .list(of: .choice, "leniencies", count: 0...Leniency.allCases.count, isUnique: true), .byDefault([]),
    "Kinds of damage in headers that are let pass; each time is recorded.")
}
