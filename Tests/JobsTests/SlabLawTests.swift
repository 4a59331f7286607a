import Jobs
import Testing
import Volumes

/// How frames are cut into slabs, for every small length, reach and thickness.
@Suite struct SlabLawTests {
  @Test func `slabs keep and read each slice once, and have what the filters look at`() throws {
    for length in 1...14 {
      let shape = try #require(Shape(i: 3, j: 2, k: length))
      for reach in 0...length {
        for slices in 1...length + 1 { check(Slab.cut(shape, reach: reach, keeping: slices), length, reach, slices) }
      }
    }
  }

  private func check(_ slabs: [Slab], _ length: Int, _ reach: Int, _ slices: Int) {
    #expect(slabs.flatMap { Array($0.kept) } == Array(0..<length))
    #expect(slabs.flatMap { Array($0.fresh) } == Array(0..<length))
    for slab in slabs {
      #expect(slab.kept.count <= slices)
      #expect(slab.source == max(0, slab.kept.lowerBound - reach)..<min(length, slab.kept.upperBound + reach))
      #expect(slab.fresh.upperBound == slab.source.upperBound)
    }
    for (slab, next) in zip(slabs, slabs.dropFirst()) {
      #expect(slab.again == next.source.lowerBound..<slab.source.upperBound)
      #expect(next.fresh.lowerBound == slab.source.upperBound)
    }
    #expect(slabs.last?.again.isEmpty == true)
  }
}
