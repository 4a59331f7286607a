import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// Moves values beyond two limits to the limits.
package struct ClampFilter: Filter {
  package static let name = "clamp"
  package static let summary = "Raises voxels below `lower` to it and lowers those above `upper` to it; NaN stays NaN."

  private let limits: Limits

  package init?(_ object: ObjectReader) {
    guard let limits = Limits(object) else { return nil }
    self.limits = limits
  }

  package func plan(for grid: FilterGrid) -> FilterPlan {
    FilterPlan(Clamp(lower: limits.lower, upper: limits.upper))
  }

  package static let form = Form(keys: [nameKey] + Limits.keys, rules: [Limits.rule])
}

/// Values below `lower` become `lower`, above `upper` become `upper`; NaN stays NaN.
package struct Clamp: VoxelwiseOperation, Equatable {
  let lower: Double?
  let upper: Double?

  package init(lower: Double?, upper: Double?) {
    self.lower = lower
    self.upper = upper
  }

  package var filter: String { ClampFilter.name }
  package var reads: VoxelsRead { .nothing }

  package func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds() }

  package func describe(in recipe: inout RecipeDigest) { recipe.add("clamp", [lower, upper]) }

  package func change<S: ComputeScalar>(
    _ voxels: UnsafeMutablePointer<S>, _ count: Int, from first: Int, _ beside: VoxelsBeside<S>, _ loops: Loops
  ) {
    withScalars(S(lower ?? -.infinity), S(upper ?? .infinity), S(0)) { lower, upper, _ in
      loops.call.clamp(voxels, lower, upper, count)
    }
  }
}
