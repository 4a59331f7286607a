import Kernels
import Testing

private let folding: [Boundary] = [.reflect, .mirror, .nearest, .wrap]
private let empty: [Boundary] = [.constant(7), .renormalise]

@Test func `folding boundaries extend a line as numpy does`() throws {
  for var golden in try GoldenCase.all(in: "boundaries.txt") {
    let name = try golden.word()
    let boundary = try #require(folding.first { $0.name == name })
    let (length, padding) = (try golden.integer(), try golden.integer())
    for position in -padding..<length + padding {
      let expected = try golden.integer()
      #expect(boundary.source(of: position, length: length) == expected, "\(name), \(position) of \(length)")
    }
  }
}

@Test(arguments: folding + empty) func `a voxel inside the line is its own source`(boundary: Boundary) {
  for length in 1...9 {
    for position in 0..<length { #expect(boundary.source(of: position, length: length) == position) }
  }
}

@Test(arguments: empty) func `nothing stands in for a position outside`(boundary: Boundary) {
  for position in [Int.min, -1, 5, Int.max] { #expect(boundary.source(of: position, length: 5) == nil) }
}

@Test(arguments: folding) func `positions at the ends of Int have a source`(boundary: Boundary) throws {
  for length in [1, 2, 3, 64, 1 << 59] {
    for position in [Int.min, Int.min + 1, -length - 1, 2 * length, Int.max - 1, Int.max] {
      let source = try #require(boundary.source(of: position, length: length))
      #expect((0..<length).contains(source))
    }
  }
}

@Test(arguments: [(Boundary.reflect, 14), (.mirror, 12), (.wrap, 7)])
func `far positions repeat with the period of the boundary`(boundary: Boundary, period: Int) {
  for position in -20...20 {
    let near = boundary.source(of: position, length: 7)
    #expect(boundary.source(of: position + 1_000_000_007 * period, length: 7) == near)
    #expect(boundary.source(of: position - 1_000_000_007 * period, length: 7) == near)
  }
}
