import Filtering
import Filters
import Kernels
import StrictJSON
import Testing
import Volumes

/// Ways from the text of an element to what it comes to.
enum Planning {
  static func filter(_ element: String, in surroundings: FilterSurroundings = noFiles) throws -> any Filter {
    try filter(JSONReader.parse(Array(element.utf8)), in: surroundings)
  }

  static func filter(_ element: JSONNode, in surroundings: FilterSurroundings = noFiles) throws -> any Filter {
    let issues = JSONIssues()
    let filter = FilterCatalogue.kind(in: surroundings).read(element, .root, issues)
    return try #require(filter, "\(issues.all.map(\.description))")
  }

  static let noFiles = FilterSurroundings { _ throws(UnreadableFile) in throw .cannotOpen("no such file") }

  static func grid(
    _ shape: Shape? = Shape(i: 7, j: 6, k: 5), spacing: Spacing = Spacing(1, 2, 2.5), dimensions: Int = 3,
    mask: Mask? = nil
  ) throws -> FilterGrid {
    FilterGrid(layout: Layout(shape: try #require(shape), spacing: spacing, dimensions: dimensions)) {
      _ throws(ScanFailure) in
      guard let mask else {
        throw ScanFailure(.cannotOpen, .plan, "mask", expected: "a file", found: "none")
      }
      return mask
    }
  }

  static func plan(_ element: String, on grid: FilterGrid) throws -> FilterPlan { try filter(element).plan(for: grid) }

  /// The passes of a plan of one separable linear filter.
  static func passes(_ plan: FilterPlan) throws -> PerAxis<Taps?> {
    let operation = try #require(plan.operation as? LinearOperation)
    guard case .separable(let terms) = operation.kernel else { throw NotSeparable() }
    return terms[0].passes
  }

  private struct NotSeparable: Error {}
}

/// What a kernel makes of one voxel of 1 with zeros around it: the slow way, straight from the definition.
struct ImpulseResponse {
  let shape: Shape
  let place: PerAxis<Int>

  func voxels(_ kernel: LinearKernel) -> [Double] {
    switch kernel {
    case .separable(let terms):
      terms.map { term in
        voxels { n in
          Axis.allCases.reduce(1) { product, axis in
            let offset = place[axis] - n[axis]
            guard let taps = term.passes[axis] else { return offset == 0 ? product : 0 }
            return product * (weight(taps.weights, at: offset + taps.origin) ?? 0)
          }
        }
      }.reduce([Double](repeating: 0, count: shape.count)) { sum, term in zip(sum, term).map(+) }
    case .dense(let kernel):
      voxels { n in
        let t = PerAxis(
          place.i - n.i + kernel.origin.i, place.j - n.j + kernel.origin.j, place.k - n.k + kernel.origin.k)
        guard Axis.allCases.allSatisfy({ (0..<kernel.shape[$0]).contains(t[$0]) }) else { return 0 }
        return kernel.weights[t.i + kernel.shape.i * (t.j + kernel.shape.j * t.k)]
      }
    }
  }

  /// out[n] = weights[t] where n + t − origin is the impulse's place.
  private func voxels(_ value: (PerAxis<Int>) -> Double) -> [Double] {
    (0..<shape.k).flatMap { k in
      (0..<shape.j).flatMap { j in (0..<shape.i).map { i in value(PerAxis(i, j, k)) } }
    }
  }

  private func weight(_ weights: [Double], at index: Int) -> Double? {
    weights.indices.contains(index) ? weights[index] : nil
  }
}
