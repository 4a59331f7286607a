import ByteStreams
import Filtering
import Volumes

/// A digest of the numbers that a chain applies: two chains with the same digest do the same to every voxel, however
/// their job files put it.
package enum ChainDigest {
  package static func of(_ chain: Chain) -> Digest { digest(of: chain, by: .today) }

  /// What the same chain was known by while it made other voxels, with what has changed since; the oldest rule last.
  package static func former(of chain: Chain) -> [FormerChain] {
    let former = FormerChain(
      digest: digest(of: chain, by: .constantInsideMask),
      change: "with a mask and the boundary \"constant\", what lies outside the volume now counts as outside the mask")
    return former.digest == of(chain) ? [] : [former]
  }

  private static func digest(of chain: Chain, by rule: RecipeDigest.Rule) -> Digest {
    let hash = Hash()
    var recipe = RecipeDigest(by: rule) { hash.value.update($0) }
    chain.operations.forEach { $0.describe(in: &recipe) }
    return hash.value.finalise()
  }

  private final class Hash {
    var value = SHA256()
  }
}

/// A chain as an earlier rule applied it: outputs of that rule are recognised, and made again.
package struct FormerChain: Sendable, Hashable {
  package let digest: Digest
  /// What is different today, as part of a sentence.
  package let change: String
}
