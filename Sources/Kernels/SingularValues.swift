/// The singular value decomposition of a small matrix: A = Σᵣ values[r] · left[r] · right[r]ᵀ, values falling.
///
/// One-sided Jacobi (Hestenes, doi:10.1137/0106005; Demmel and Veselić, doi:10.1137/0613074): pairs of columns are
/// turned until all are orthogonal; their norms are then the singular values. It uses only + − × ÷ √, in one fixed
/// order, so the bits do not depend on the CPU, as those of an optimised LAPACK do.
///
/// The largest element should lie near 1, because squares are taken. Cost: about 50 · long side · short side²
/// operations, much less where the rank is low.
package struct SingularValues {
  /// As many as the short side of the matrix has elements.
  package let values: [Double]
  /// Unit vectors as long as a column of the matrix; zeros where the singular value is 0.
  package let left: [[Double]]
  /// Unit vectors as long as a row of the matrix; zeros where the singular value is 0.
  package let right: [[Double]]

  package init(of matrix: Matrix) { self.init(of: matrix, check: neverStopped) }

  /// - Parameter check: asked for every pair of columns.
  package init<Stop: Error>(of matrix: Matrix, check: StopCheck<Stop>) throws(Stop) {
    // Fewer, longer columns are cheaper to turn.
    let isWide = matrix.columns > matrix.rows
    let (columns, turns) = try orthogonalised(isWide ? matrix.transposed : matrix, check)
    let norms = (0..<columns.columns).map { norm(columns.column($0)) }
    let falling = norms.indices.sorted { norms[$0] == norms[$1] ? $0 < $1 : norms[$0] > norms[$1] }
    let long = falling.map { index in columns.column(index).map { norms[index] > 0 ? $0 / norms[index] : 0 } }
    let short = falling.map { index in norms[index] > 0 ? turns.column(index) : turns.column(index).map { _ in 0 } }
    values = falling.map { norms[$0] }
    left = isWide ? short : long
    right = isWide ? long : short
  }
}

/// Turns the columns of `matrix` until they are orthogonal; also returns the turns, as a product of rotations.
private func orthogonalised<Stop: Error>(
  _ matrix: Matrix, _ check: StopCheck<Stop>
) throws(Stop) -> (columns: Matrix, turns: Matrix) {
  var columns = matrix
  var turns = Matrix.identity(matrix.columns)
  // Columns below this are rounding errors of the others. Not turning them against each other makes kernels of low
  // rank, a ball of 63 voxels across for one, 7 to 15 times faster.
  let negligible = (Double.ulpOfOne * norm(matrix.elements)) * (Double.ulpOfOne * norm(matrix.elements))
  // Convergence is quadratic: ten sweeps are many. The limit only makes sure that no input can keep us here.
  for _ in 0..<40 {
    var turned = false
    for p in 0..<columns.columns {
      for q in p + 1..<columns.columns {
        try check()
        guard let (cosine, sine) = turn(between: p, q, of: columns, negligible: negligible) else { continue }
        columns.rotateColumns(p, q, cosine: cosine, sine: sine)
        turns.rotateColumns(p, q, cosine: cosine, sine: sine)
        turned = true
      }
    }
    if !turned { break }
  }
  return (columns, turns)
}

/// The rotation that makes two columns orthogonal; `nil` when they are so already, to the precision of Double.
private func turn(between p: Int, _ q: Int, of matrix: Matrix, negligible: Double) -> (cosine: Double, sine: Double)? {
  var (pp, qq, pq) = (0.0, 0.0, 0.0)
  for row in 0..<matrix.rows {
    let (a, b) = (matrix.elements[p * matrix.rows + row], matrix.elements[q * matrix.rows + row])
    pp += a * a
    qq += b * b
    pq += a * b
  }
  guard min(pp, qq) > negligible, pq.magnitude > .ulpOfOne * (pp * qq).squareRoot() else { return nil }
  // The smaller of the two angles that do it, by the root that does not cancel.
  let cotangent = (qq - pp) / (2 * pq)
  let magnitude = 1 / (cotangent.magnitude + (1 + cotangent * cotangent).squareRoot())
  let tangent = cotangent < 0 ? -magnitude : magnitude
  let cosine = 1 / (1 + tangent * tangent).squareRoot()
  return (cosine, cosine * tangent)
}
