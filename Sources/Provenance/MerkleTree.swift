import ByteStreams

/// The growing hash tree of RFC 6962 (Certificate Transparency), section 2.1, over the lines of a log.
///
/// Only the roots of the perfect subtrees are kept, one for each 1 in the binary number of leaves.
package struct MerkleTree: Sendable {
  package private(set) var count = 0
  /// From the largest subtree to the smallest.
  private var subtrees: [Digest] = []

  package init() {}

  /// The hash of a leaf, SHA-256(0x00 ‖ line). A log line's `prev` is this hash of the line before.
  package static func leaf(_ line: [UInt8]) -> Digest {
    var hash = SHA256()
    hash.update([0])
    hash.update(line)
    return hash.finalise()
  }

  /// The prefix 0x01 keeps an inner node from passing for a line.
  private static func node(_ left: Digest, _ right: Digest) -> Digest {
    SHA256.digest(of: [1] + left.bytes + right.bytes)
  }

  /// Cost: amortised two hashes.
  package mutating func append(_ leaf: Digest) {
    var root = leaf
    var full = count
    // Each trailing 1 of the old count is a subtree of the size that has just been completed once more.
    while full & 1 == 1, let left = subtrees.popLast() {
      root = Self.node(left, root)
      full >>= 1
    }
    subtrees.append(root)
    count += 1
  }

  /// The hash that stands for all leaves and their order; SHA-256 of nothing for an empty tree.
  package var root: Digest {
    guard let smallest = subtrees.last else { return SHA256.digest(of: []) }
    return subtrees.dropLast().reversed().reduce(smallest) { right, left in Self.node(left, right) }
  }
}
