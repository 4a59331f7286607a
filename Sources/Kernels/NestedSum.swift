import Volumes

/// A kernel as a sum of outer products, by a singular value decomposition within another.
///
///     K = Σ_c M_c ⊗ w_c,   M_c = Σ_r u_cr ⊗ v_cr
///
/// The w_c are the singular vectors along the last axis; each M_c, a 2-D kernel, comes apart by its own decomposition.
/// A 2-D kernel is a single M. Terms with the same w_c share that pass.
struct NestedSum {
  /// Largest first.
  private let products: [Product]
  private let kernel: DenseKernel

  private struct Product {
    let size: Double
    let vectors: [(axis: Axis, taps: [Double])]
    /// Which w it belongs to, so that terms which share it stand together.
    let group: Int
  }

  /// - Parameter kernel: 2-D or 3-D, the largest weight near 1, all finite.
  init<Stop: Error>(of kernel: DenseKernel, unfoldings: Unfoldings, check: StopCheck<Stop>) throws(Stop) {
    self.kernel = kernel
    let axes = kernel.shape.factoredAxes
    let largest = axes.compactMap { unfoldings.spectra[$0].first }.max() ?? 0
    guard axes.count == 3, largest > 0 else {
      products = try NestedSum.products(
        of: kernel.weights, shape: kernel.shape, axes: axes, outer: nil, group: 0, check)
      return
    }
    let share = cubeRoot(largest)
    var found: [Product] = []
    for (c, vector) in unfoldings.bases.k.enumerated() where unfoldings.spectra.k[c] > .ulpOfOne * largest {
      let outer = largestPositive(vector)
      let plane = projected(kernel.weights, slice: kernel.shape.slice, along: outer).map { $0 / share }
      found += try NestedSum.products(
        of: plane, shape: kernel.shape, axes: [.i, .j], outer: (.k, outer.map { $0 * share }), group: c, check)
    }
    products = found.sorted { $0.size == $1.size ? $0.group < $1.group : $0.size > $1.size }
  }

  /// How many outer products there are; they rebuild the kernel within rounding.
  var count: Int { products.count }

  /// The `count` largest products, those that share a pass beside each other.
  func terms(_ count: Int) -> [PerAxis<Taps?>] {
    products.prefix(count).enumerated()
      .sorted { ($0.element.group, $0.offset) < ($1.element.group, $1.offset) }
      .map { kernel.term(of: $0.element.vectors) }
  }

  private static func products<Stop: Error>(
    of plane: [Double], shape: Shape, axes: [Axis], outer: (Axis, [Double])?, group: Int, _ check: StopCheck<Stop>
  ) throws(Stop) -> [Product] {
    let rows = shape[axes[0]]
    let split = try SingularValues(
      of: Matrix(rows: rows, columns: plane.count / rows, elements: plane), check: check)
    return split.values.indices.filter { split.values[$0] > .ulpOfOne * split.values[0] }.map { r in
      let share = split.values[r].squareRoot()
      let left = largestPositive(split.left[r])
      let sign = left.elementsEqual(split.left[r]) ? share : -share
      let pair = [(axes[0], left.map { $0 * share }), (axes[1], split.right[r].map { $0 * sign })]
      // The outer vector's norm is the same for all, so it does not change the order.
      return Product(size: split.values[r], vectors: pair + (outer.map { [$0] } ?? []), group: group)
    }
  }
}

/// Σ_k vector[k] · slice k.
func projected(_ weights: [Double], slice: Int, along vector: [Double]) -> [Double] {
  var plane = Array(repeating: 0.0, count: slice)
  for (k, factor) in vector.enumerated() {
    for index in 0..<slice { plane[index] += factor * weights[k * slice + index] }
  }
  return plane
}

/// The vector or its opposite, whichever has a positive largest element.
func largestPositive(_ vector: [Double]) -> [Double] {
  let largest = vector.reduce(0) { $1.magnitude > $0.magnitude ? $1 : $0 }
  return largest < 0 ? vector.map { -$0 } : vector
}

extension DenseKernel {
  /// The term whose factors these are, at this kernel's place. A factor that is the weight 1 on the output voxel
  /// changes nothing and gets no pass; the same weight beside the output voxel is a shift, and does.
  func term(of factors: PerAxis<[Double]>) -> PerAxis<Taps?> {
    var term = PerAxis<Taps?>(all: nil)
    for axis in Axis.allCases where factors[axis] != [1] || origin[axis] != 0 {
      term[axis] = Taps(weights: factors[axis], origin: origin[axis])
    }
    return term
  }

  /// The same; axes that are not named have the weight 1.
  func term(of factors: [(axis: Axis, taps: [Double])]) -> PerAxis<Taps?> {
    var all = PerAxis<[Double]>(all: [1])
    for (axis, taps) in factors { all[axis] = taps }
    return term(of: all)
  }
}
