import ByteStreams
import Filtering
import Kernels
import Volumes

/// A digest of the numbers that a chain applies: two chains with the same digest do the same to every voxel, however
/// their job files put it.
package struct ChainDigest: ~Copyable {
  private var hash = SHA256()
  private let rule: Rule

  /// What a chain of the same numbers does to voxels has changed now and then; each time, the chains concerned got
  /// another digest.
  private enum Rule {
    case today
    /// Beyond the volume, a constant counted as inside the mask.
    case constantInsideMask
  }

  private init(by rule: Rule) { self.rule = rule }

  package static func of(_ chain: Chain) -> Digest { digest(of: chain, by: .today) }

  /// What the same chain was known by while it made other voxels, with what has changed since; the oldest rule last.
  package static func former(of chain: Chain) -> [FormerChain] {
    let former = FormerChain(
      digest: digest(of: chain, by: .constantInsideMask),
      change: "with a mask and the boundary \"constant\", what lies outside the volume now counts as outside the mask")
    return former.digest == of(chain) ? [] : [former]
  }

  private static func digest(of chain: Chain, by rule: Rule) -> Digest {
    var digest = ChainDigest(by: rule)
    chain.steps.forEach { digest.add($0) }
    return digest.hash.finalise()
  }

  private mutating func add(_ step: Step) {
    switch step {
    case .linear(let step): add(step)
    case .pointwise(let step): add(step)
    }
  }

  private mutating func add(_ step: LinearStep) {
    add("linear \(step.boundary.name)")
    if case .constant(let value) = step.boundary { add(value) }
    switch step.kernel {
    case .separable(let terms):
      add("terms \(terms.count)")
      for term in terms { Axis.allCases.forEach { add(term.passes[$0]) } }
      // It says which weights of a sum are too small to divide by.
      if terms.count > 1 { add(step.facts.residual) }
    case .dense(let kernel):
      add("dense \(kernel.shape) \(kernel.origin.array)")
      kernel.weights.forEach { add($0) }
    }
    if let mask = step.mask {
      if case .constant = step.boundary, rule == .today { add("beyond the volume is outside") }
      add("inside \(mask.outside.rawValue)")
      add(mask.minimumWeight)
      add(mask.mask)
    }
  }

  private mutating func add(_ taps: Taps?) {
    add("taps \(taps?.count ?? 0) \(taps?.origin ?? 0)")
    taps?.weights.forEach { add($0) }
  }

  private mutating func add(_ step: PointwiseStep) {
    switch step {
    case .scale(let slope, let intercept): add("scale", [slope, intercept])
    case .clamp(let lower, let upper): add("clamp", [lower, upper])
    case .threshold(let lower, let upper, let outside): add("threshold", [lower, upper, outside])
    case .mask(let mask):
      add("mask")
      add(mask)
    }
  }

  private mutating func add(_ name: String, _ values: [Double?]) {
    add(name)
    for value in values {
      add(value == nil ? "absent" : "present")
      add(value ?? 0)
    }
  }

  private mutating func add(_ mask: Mask) {
    add("mask \(mask.shape)")
    mask.inside.withUnsafeBytes { hash.update($0) }
  }

  private mutating func add(_ value: Double) {
    withUnsafeBytes(of: value.bitPattern.littleEndian) { hash.update($0) }
  }

  /// Text ends with a zero byte, so that neighbours do not run together.
  private mutating func add(_ text: String) {
    (Array(text.utf8) + [0]).withUnsafeBytes { hash.update($0) }
  }
}

/// A chain as an earlier rule applied it: outputs of that rule are recognised, and made again.
package struct FormerChain: Sendable, Hashable {
  package let digest: Digest
  /// What is different today, as part of a sentence.
  package let change: String
}
