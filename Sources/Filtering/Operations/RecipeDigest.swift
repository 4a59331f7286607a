import Volumes

/// Takes what decides the voxels of a result, byte by byte, on the way to a digest.
///
/// Two chains with the same bytes do the same to every voxel, however their job files put it.
package struct RecipeDigest {
  /// What a chain of the same numbers does to voxels has changed now and then; each time, the chains concerned got
  /// another digest.
  package enum Rule: Sendable {
    case today
    /// Beyond the volume, a constant counted as inside the mask.
    case constantInsideMask
  }

  package let rule: Rule
  private let take: (UnsafeRawBufferPointer) -> Void

  package init(by rule: Rule, _ take: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.rule = rule
    self.take = take
  }

  /// Text ends with a zero byte, so that neighbours do not run together.
  package mutating func add(_ text: String) { (Array(text.utf8) + [0]).withUnsafeBytes { take($0) } }

  package mutating func add(_ value: Double) { withUnsafeBytes(of: value.bitPattern.littleEndian) { take($0) } }

  /// A name, and numbers of which some may be missing.
  package mutating func add(_ name: String, _ values: [Double?]) {
    add(name)
    for value in values {
      add(value == nil ? "absent" : "present")
      add(value ?? 0)
    }
  }

  package mutating func add(_ mask: Mask) {
    add("mask \(mask.shape)")
    mask.inside.withUnsafeBytes { take($0) }
  }

  /// A mask that each scan brings: its bytes are recorded with the scan's.
  package mutating func add(_ source: MaskSource) {
    switch source {
    case .loaded(let mask): add(mask)
    case .perScan(let companion): add(companion)
    }
  }

  package mutating func add(_ companion: Companion) { add("companion \(companion.role.rawValue)") }
}
