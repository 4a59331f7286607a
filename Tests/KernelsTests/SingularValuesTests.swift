import Kernels
import SeededNumbers
import Testing

private func randomMatrix(rows: Int, columns: Int, seed: UInt64) -> Matrix {
  var random = SeededNumbers(seed: seed)
  let elements = (0..<rows * columns).map { _ in Double.random(in: -1...1, using: &random) }
  return Matrix(rows: rows, columns: columns, elements: elements)
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private let shapes = [(1, 1), (1, 9), (9, 1), (4, 4), (3, 20), (20, 3), (15, 15)]

@Test func `singular values are those of LAPACK`() throws {
  for var golden in try GoldenCase.all(in: "singular-values.txt") {
    let (rows, columns) = (try golden.integer(), try golden.integer())
    let matrix = Matrix(rows: rows, columns: columns, elements: try golden.doubles(rows * columns))
    let expected = try golden.remainingDoubles()
    let found = SingularValues(of: matrix).values
    #expect(found.count == expected.count)
    for (found, reference) in zip(found, expected) {
      #expect((found - reference).magnitude <= 1e-14 * expected[0], "\(golden)")
    }
  }
}

@Test(arguments: shapes) func `the decomposition multiplies back to the matrix`(rows: Int, columns: Int) {
  let matrix = randomMatrix(rows: rows, columns: columns, seed: 1)
  let parts = SingularValues(of: matrix)
  for row in 0..<rows {
    for column in 0..<columns {
      let sum = parts.values.indices.reduce(0) {
        $0 + parts.values[$1] * parts.left[$1][row] * parts.right[$1][column]
      }
      #expect((sum - matrix.column(column)[row]).magnitude < 1e-14 * parts.values[0])
    }
  }
}

@Test(arguments: shapes) func `left and right vectors are orthonormal`(rows: Int, columns: Int) {
  let parts = SingularValues(of: randomMatrix(rows: rows, columns: columns, seed: 2))
  for vectors in [parts.left, parts.right] {
    for (p, a) in vectors.enumerated() {
      for (q, b) in vectors.enumerated() { #expect((dot(a, b) - (p == q ? 1 : 0)).magnitude < 1e-14) }
    }
  }
}

@Test func `singular values fall, and a power of two comes out as it went in`() {
  let matrix = randomMatrix(rows: 12, columns: 8, seed: 3)
  let values = SingularValues(of: matrix).values
  #expect(values == values.sorted(by: >))
  let scaled = Matrix(rows: 12, columns: 8, elements: matrix.elements.map { $0 * 0x1p-40 })
  #expect(SingularValues(of: scaled).values == values.map { $0 * 0x1p-40 })
}

@Test func `a matrix of zeros has no directions`() {
  let parts = SingularValues(of: Matrix(rows: 3, columns: 2, elements: Array(repeating: 0, count: 6)))
  #expect(parts.values == [0, 0])
  #expect(parts.left == [[0, 0, 0], [0, 0, 0]])
  #expect(parts.right == [[0, 0], [0, 0]])
}
