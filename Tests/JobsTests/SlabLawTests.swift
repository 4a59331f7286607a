import Jobs
import Testing
import Volumes

/// How frames are cut into slabs, for every small length, reach and number.
@Suite struct SlabLawTests {
  @Test func `slabs keep and read each slice once, and have what the filters look at`() throws {
    var cuts = 0
    for length in 1...24 {
      let shape = try #require(Shape(i: 3, j: 2, k: length))
      for reach in 0...length {
        for count in 1...length { cuts += check(shape, reach, count) }
      }
    }
    #expect(cuts > 500)
  }

  /// - Returns: 1 when the frame was cut.
  private func check(_ shape: Shape, _ reach: Int, _ count: Int) -> Int {
    let (slabs, length) = (Slab.cut(shape, reach: reach, into: count), shape.k)
    #expect(slabs.count == count || slabs.count == 1)
    #expect(Set(slabs.map(\.source.count)).count == 1)
    #expect(slabs.flatMap { Array($0.kept) } == Array(0..<length))
    #expect(slabs.flatMap { Array($0.fresh) } == Array(0..<length))
    for slab in slabs {
      #expect(!slab.kept.isEmpty)
      #expect(slab.source.lowerBound <= max(0, slab.kept.lowerBound - reach))
      #expect(slab.source.upperBound >= min(length, slab.kept.upperBound + reach))
      #expect(slab.fresh.upperBound == slab.source.upperBound)
    }
    #expect(slabs.map(\.again.count).max() == Slab.Cut(shape, reach: reach, into: count).shared)
    for (slab, next) in zip(slabs, slabs.dropFirst()) {
      #expect(slab.again == next.source.lowerBound..<slab.source.upperBound)
      #expect(next.fresh.lowerBound == slab.source.upperBound)
    }
    #expect(slabs.last?.again.isEmpty == true)
    return slabs.count > 1 ? 1 : 0
  }

  @Test func `more slabs are thinner ones, up to a number`() throws {
    for length in 1...40 {
      let shape = try #require(Shape(i: 1, j: 1, k: length))
      for reach in 0...length {
        let cuts = (1...length + 1).map { Slab.Cut(shape, reach: reach, into: $0) }
        let sensible = cuts.enumerated().prefix { $0.element.count == $0.offset + 1 }.map(\.element.thickness)
        #expect(sensible == sensible.sorted(by: >))
        #expect(cuts.dropFirst(sensible.count).allSatisfy { $0.count == 1 })
      }
    }
  }

  @Test func `slabs are no thicker than they must be`() throws {
    var counted = 0
    for length in 2...24 {
      let shape = try #require(Shape(i: 1, j: 1, k: length))
      for (reach, count) in [(0, 2), (1, 2), (1, 3), (2, 2), (3, 4)] {
        let cut = Slab.Cut(shape, reach: reach, into: count)
        guard cut.count == count else { continue }
        counted += 1
        // What lies twice in slabs is 2 · reach slices at each of the cuts.
        #expect(count * cut.thickness >= length + 2 * reach * (count - 1))
        #expect(count * (cut.thickness - 1) < length + 2 * reach * (count - 1))
      }
    }
    // Most lengths can be cut into most of the counts.
    #expect(counted > 60)
  }
}
