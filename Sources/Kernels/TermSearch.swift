import Volumes

/// Looks for sums of terms that are near enough to a kernel, the cheapest of each kind.
struct TermSearch {
  private let kernel: DenseKernel
  private let unfoldings: Unfoldings
  /// The largest Σ|K − K̂| that will do.
  private let limit: Double

  /// Products of terms and weights beyond this number are not tried: 10⁹ additions take about a second.
  private static let mostWork = 1 << 29

  /// - Parameter kernel: the largest weight near 1, all finite.
  init(_ kernel: DenseKernel, _ unfoldings: Unfoldings, limit: Double) {
    self.kernel = kernel
    self.unfoldings = unfoldings
    self.limit = limit
  }

  /// At most one sum of each kind.
  func sums<Stop: Error>(check: StopCheck<Stop>) throws(Stop) -> [TermSum] {
    [try cross(check), try excess(check), try nested(check), try tucker(check)].compactMap { $0 }
  }

  private func cross<Stop: Error>(_ check: StopCheck<Stop>) throws(Stop) -> TermSum? {
    guard let terms = kernel.cross() else { return nil }
    let sum = try TermSum(terms, for: kernel, check: check)
    return sum.residual <= limit ? sum : nil
  }

  private func excess<Stop: Error>(_ check: StopCheck<Stop>) throws(Stop) -> TermSum? {
    guard let (rest, lone) = kernel.withoutExcessInTheMiddle() else { return nil }
    let integers = integerFactors(of: rest).map { $0.map { $0.map(Double.init) } }
    let factors = if let integers { integers } else { try LeadingTerm(of: rest, check: check).factors }
    let sum = try TermSum([rest.term(of: Axis.allCases.map { ($0, factors[$0]) }), lone], for: kernel, check: check)
    return sum.residual <= limit ? sum : nil
  }

  private func nested<Stop: Error>(_ check: StopCheck<Stop>) throws(Stop) -> TermSum? {
    guard kernel.shape.factoredAxes.count > 1 else { return nil }
    let sum = try NestedSum(of: kernel, unfoldings: unfoldings, check: check)
    return try fewest(upTo: min(sum.count, mostTerms)) { count throws(Stop) in
      try TermSum(sum.terms(count), for: kernel, check: check)
    }
  }

  private func tucker<Stop: Error>(_ check: StopCheck<Stop>) throws(Stop) -> TermSum? {
    guard kernel.shape.factoredAxes.count == 3 else { return nil }
    let sum = TuckerSum(of: kernel, unfoldings: unfoldings)
    let affordable = sum.ranks.prefix { $0.i * $0.k <= mostTerms }
    let found = try fewest(upTo: affordable.count) { count throws(Stop) in
      try TermSum(sum.terms(affordable[count - 1], check: check), for: kernel, check: check)
    }
    return found.map { $0.withoutSmallTerms(for: kernel, limit: limit) }
  }

  /// More terms than this cost more than the kernel itself, or take too long to find.
  private var mostTerms: Int {
    let axes = kernel.shape.factoredAxes
    let perTerm = kernel.shape[axes[axes.count > 2 ? 1 : 0]]
    return min(kernel.weights.count / perTerm, TermSearch.mostWork / kernel.weights.count)
  }

  /// The sum with the fewest terms that is near enough, found by halving: more terms are nearer.
  private func fewest<Stop: Error>(
    upTo most: Int, sum: (Int) throws(Stop) -> TermSum
  ) throws(Stop) -> TermSum? {
    guard most > 0 else { return nil }
    var found = try sum(most)
    guard found.residual <= limit else { return nil }
    var (tooFew, enough) = (0, most)
    while enough - tooFew > 1 {
      let count = (tooFew + enough) / 2
      let candidate = try sum(count)
      if candidate.residual <= limit { (enough, found) = (count, candidate) } else { tooFew = count }
    }
    return found
  }
}

extension TermSum {
  /// The sum without the terms that it can do without, smallest first.
  fileprivate func withoutSmallTerms(for kernel: DenseKernel, limit: Double) -> TermSum {
    let sizes = terms.map { $0.array.reduce(1) { $0 * ($1?.absoluteSum ?? 1) } }
    var left = limit - residual
    var dropped: Set<Int> = []
    for index in sizes.indices.sorted(by: { sizes[$0] < sizes[$1] }) where sizes[index] <= left {
      left -= sizes[index]
      dropped.insert(index)
    }
    let kept = TermSum(terms.indices.filter { !dropped.contains($0) }.map { terms[$0] }, for: kernel)
    // Rounding may put the sum of bounds a hair beside the truth.
    return kept.residual <= limit ? kept : self
  }
}
