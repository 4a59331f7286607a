import Volumes

/// Some slices of a frame that are filtered at a time: where a whole frame does not fit into memory, and where the slabs of
/// one frame can be read, filtered and written beside each other.
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

  /// A frame cut into slabs that are all equally thick, so that a chain is prepared for all of them at once.
  ///
  /// - Parameters:
  ///   - reach: slices that the filters look at on either side of one; see `Segment.Way.slabs`.
  ///   - count: of slabs, at least 1; where there cannot be so many, the whole frame is one.
  package static func cut(_ shape: Shape, reach: Int, into count: Int) -> [Slab] {
    let cut = Cut(shape, reach: reach, into: count)
    let starts = (0..<cut.count).map(cut.start)
    return starts.enumerated().map { number, start in
      let (isFirst, isLast) = (number == 0, number == cut.count - 1)
      let source = start..<start + cut.thickness
      let readTo = isFirst ? 0 : starts[number - 1] + cut.thickness
      return Slab(
        source: source, kept: (isFirst ? 0 : readTo - reach)..<(isLast ? shape.k : source.upperBound - reach),
        fresh: readTo..<source.upperBound, again: (isLast ? shape.k : starts[number + 1])..<source.upperBound)
    }
  }
}

extension Slab {
  /// How a frame is cut, without its slabs one by one: there can be thousands.
  package struct Cut: Hashable, Sendable {
    package let count: Int
    /// Slices of each slab: as few as make up the frame when slabs overlap as the filters need it.
    package let thickness: Int
    private let slices: Int

    /// The whole frame where so many slabs would not all keep a slice of their own, or would keep fewer than half the
    /// reach: most of the work would be thrown away.
    package init(_ shape: Shape, reach: Int, into count: Int) {
      let overlap = reach.multipliedSaturating(by: 2)
      let all = shape.k.addingSaturating(overlap.multipliedSaturating(by: count - 1))
      let thickness = all / count + (all % count > 0 ? 1 : 0)
      let isSensible = shape.k - thickness >= count - 1 && thickness - overlap >= max(1, reach / 2)
      slices = shape.k
      self.count = isSensible ? count : 1
      self.thickness = isSensible ? thickness : shape.k
    }

    /// The first slice of a slab; they are spread evenly, the last one ends with the frame.
    func start(of number: Int) -> Int { count > 1 ? number * (slices - thickness) / (count - 1) : 0 }

    /// The most slices that two neighbours have in common.
    package var shared: Int { count > 1 ? thickness - (slices - thickness) / (count - 1) : 0 }
  }
}
