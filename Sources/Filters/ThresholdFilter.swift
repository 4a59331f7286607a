import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// Replaces values beyond two limits.
package struct ThresholdFilter: Filter {
  package static let name = "threshold"
  package static let summary =
    "Keeps voxels from `lower` to `upper`, both included; the others become `outside`; NaN stays NaN."

  private let limits: Limits
  private let outside: Double

  package init?(_ object: ObjectReader) {
    let limits = Limits(object)
    let outside = object.read(Self.outsideKey)
    guard object.isSound, let limits, let outside else { return nil }
    self.limits = limits
    self.outside = outside
  }

  package func plan(for grid: FilterGrid) -> FilterPlan {
    FilterPlan(Threshold(lower: limits.lower, upper: limits.upper, outside: outside))
  }

  package static let form = Form(keys: [nameKey] + Limits.keys + [outsideKey.declaration], rules: [Limits.rule])

  private static let outsideKey = Key<Double>(
    "outside", .number(), .byDefault(0), "What voxels beyond the limits become.")
}

/// Values below `lower` or above `upper` become `outside`; NaN stays NaN.
package struct Threshold: VoxelwiseOperation, Equatable {
  let lower: Double?
  let upper: Double?
  let outside: Double

  package init(lower: Double?, upper: Double?, outside: Double) {
    self.lower = lower
    self.upper = upper
    self.outside = outside
  }

  package var filter: String { ThresholdFilter.name }
  package var reads: VoxelsRead { .nothing }

  package func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds(fitsFloat: FloatRange.holds(outside)) }

  package func describe(in recipe: inout RecipeDigest) { recipe.add("threshold", [lower, upper, outside]) }

  package func change<S: ComputeScalar>(
    _ voxels: UnsafeMutablePointer<S>, _ count: Int, from first: Int, _ beside: VoxelsBeside<S>, _ loops: Loops
  ) {
    withScalars(S(lower ?? -.infinity), S(upper ?? .infinity), S(outside)) { lower, upper, outside in
      loops.call.threshold(voxels, lower, upper, outside, count)
    }
  }
}
