import Volumes

/// The passes of a sum of terms, ordered so that what terms have in common runs once.
///
///     out = Σ_g k_g ∗ ( Σ_p j_p ∗ i_p ∗ x )          over the groups g, and the planes p of each group
///
/// Terms with equal taps along k form a group: their slices are summed before the one pass along k. Equal taps along i
/// are one pass, whichever groups need it. A Laplacian of a Gaussian, g″⊗g⊗g + g⊗g″⊗g + g⊗g⊗g″, comes to 2 passes
/// along i, 3 along j and 2 along k, instead of 9.
package struct SharedPasses: Hashable, Sendable {
  /// The terms with the same pass along k.
  package struct Group: Hashable, Sendable {
    /// `nil`: no pass along k.
    package let k: Taps?
    package fileprivate(set) var planes: [Plane]
  }

  /// What a term does within slices.
  package struct Plane: Hashable, Sendable {
    /// An index into `alongI`; `nil`: no pass along i.
    package let i: Int?
    /// `nil`: no pass along j.
    package let j: Taps?
  }

  /// The different passes along i.
  package private(set) var alongI: [Taps] = []
  /// Terms without a pass along k first, the others in the order in which their first terms come.
  package private(set) var groups: [Group] = []

  package init(_ terms: [PerAxis<Taps?>]) {
    for term in terms {
      let plane = Plane(i: term.i.map { index(of: $0) }, j: term.j)
      if let group = groups.firstIndex(where: { $0.k == term.k }) {
        groups[group].planes.append(plane)
      } else {
        groups.insert(Group(k: term.k, planes: [plane]), at: term.k == nil ? 0 : groups.count)
      }
    }
  }

  /// Groups whose passes along i are shared. Each needs a frame between its planes and its pass along k, so that many run
  /// in several parts, and a pass along i that several parts need runs in each of them.
  package static let mostGroups = 4

  /// What runs together, in the order in which it is added up: the terms without a pass along k, then the others, a few
  /// groups at a time.
  package var parts: [SharedPasses] {
    let flat = groups.filter { $0.k == nil }
    let deep = groups.filter { $0.k != nil }
    let batches = stride(from: 0, to: deep.count, by: SharedPasses.mostGroups).map { first in
      Array(deep[first..<min(first + SharedPasses.mostGroups, deep.count)])
    }
    return ((flat.isEmpty ? [] : [flat]) + batches).map { SharedPasses($0, of: self) }
  }

  /// Some of the groups, with the passes along i that they need.
  package init(_ groups: some Sequence<Group>, of passes: SharedPasses) {
    let terms = groups.flatMap { group in
      group.planes.map { PerAxis($0.i.map { passes.alongI[$0] }, $0.j, group.k) }
    }
    self.init(terms)
  }

  /// Multiplications per voxel, as they run.
  package var multiplies: Int { parts.reduce(0) { $0 + $1.multipliesTogether } }

  /// How many 1-D passes run.
  package var count: Int { parts.reduce(0) { $0 + $1.countTogether } }

  private var multipliesTogether: Int {
    groups.reduce(alongI.reduce(0) { $0 + $1.count }) { sum, group in
      group.planes.reduce(sum + (group.k?.count ?? 0)) { $0 + ($1.j?.count ?? 0) }
    }
  }

  private var countTogether: Int {
    groups.reduce(alongI.count) { sum, group in
      sum + (group.k == nil ? 0 : 1) + group.planes.count { $0.j != nil }
    }
  }

  private mutating func index(of taps: Taps) -> Int {
    if let index = alongI.firstIndex(of: taps) { return index }
    alongI.append(taps)
    return alongI.count - 1
  }
}
