import Volumes

/// Some slices of a frame that are filtered at a time, where a whole frame does not fit into memory.
///
/// The slices beyond those that are kept are there for the filters to look at; they come out wrong and are thrown away.
/// What is kept has the same bits as in a whole frame: the ends of the frame are ends of slabs, too, and whatever the
/// filters do there, they do with slices that the slab has.
package struct Slab: Hashable, Sendable {
  /// Slices of the frame that are filtered.
  package let source: Range<Int>
  /// Those of them that come out right.
  package let kept: Range<Int>
  /// Those that the slab before did not have: they have to be read.
  package let fresh: Range<Int>
  /// Those that the next slab needs, too.
  package let again: Range<Int>

  /// The frame as one slab.
  static func whole(_ shape: Shape) -> [Slab] { cut(shape, reach: 0, keeping: shape.k) }

  /// A frame cut into slabs of so many slices to keep; the last one may be thinner.
  ///
  /// - Parameter reach: slices that the filters look at on either side of one; see `Chain.reachAlongK`.
  package static func cut(_ shape: Shape, reach: Int, keeping slices: Int) -> [Slab] {
    var readTo = 0
    return stride(from: 0, to: shape.k, by: slices).map { first in
      let end = min(first.addingSaturating(slices), shape.k)
      let source = max(0, first - reach)..<min(shape.k, end + reach)
      defer { readTo = source.upperBound }
      let next = end < shape.k ? max(0, end - reach) : shape.k
      return Slab(
        source: source, kept: first..<end, fresh: readTo..<source.upperBound, again: next..<source.upperBound)
    }
  }
}
