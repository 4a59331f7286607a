/// A small matrix, column by column, for the factoring of kernels.
package struct Matrix: Equatable {
  package let rows: Int
  package let columns: Int
  package private(set) var elements: [Double]

  /// `elements.count` must equal `rows · columns`.
  package init(rows: Int, columns: Int, elements: [Double]) {
    precondition(elements.count == rows * columns, "elements fill the matrix")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  static func identity(_ size: Int) -> Matrix {
    var matrix = Matrix(rows: size, columns: size, elements: Array(repeating: 0, count: size * size))
    for index in 0..<size { matrix.elements[index * size + index] = 1 }
    return matrix
  }

  package func column(_ index: Int) -> [Double] { Array(elements[index * rows..<(index + 1) * rows]) }

  var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows, elements: elements)
    for column in 0..<columns {
      for row in 0..<rows { result.elements[row * columns + column] = elements[column * rows + row] }
    }
    return result
  }

  /// Turns two columns by the angle whose cosine and sine are given.
  mutating func rotateColumns(_ p: Int, _ q: Int, cosine: Double, sine: Double) {
    for row in 0..<rows {
      let (a, b) = (elements[p * rows + row], elements[q * rows + row])
      elements[p * rows + row] = cosine * a - sine * b
      elements[q * rows + row] = sine * a + cosine * b
    }
  }
}

/// The square root of the sum of squares. Elements must be near 1, for squares of others may not fit.
func norm(_ vector: [Double]) -> Double {
  vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
}
