import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// x · slope + intercept.
package struct ScaleFilter: Filter {
  package static let name = "scale"
  package static let summary = "Multiplies every voxel by `slope` and adds `intercept`."

  private let scale: Scale

  package init?(_ object: ObjectReader) {
    let slope = object.read(Self.slopeKey)
    let intercept = object.read(Self.interceptKey)
    guard object.isSound, let slope, let intercept else { return nil }
    scale = Scale(slope: slope, intercept: intercept)
  }

  package func plan(for grid: FilterGrid) -> FilterPlan { FilterPlan(scale) }

  package static let form = Form(
    keys: [nameKey, slopeKey.declaration, interceptKey.declaration], rules: [.atLeastOne(["slope", "intercept"])])

  private static let slopeKey = Key<Double>("slope", .number(), .byDefault(1), "What every voxel is multiplied by.")
  private static let interceptKey = Key<Double>("intercept", .number(), .byDefault(0), "What is added to the product.")
}

/// x · slope + intercept, one fused multiply-add.
package struct Scale: VoxelwiseOperation, Equatable {
  let slope: Double
  let intercept: Double

  package init(slope: Double, intercept: Double) {
    self.slope = slope
    self.intercept = intercept
  }

  package var filter: String { ScaleFilter.name }
  package var reads: VoxelsRead { .nothing }

  package func numbers(in engine: Engine) -> NumericNeeds {
    NumericNeeds(gain: slope.magnitude, fitsFloat: FloatRange.holds(intercept))
  }

  package func describe(in recipe: inout RecipeDigest) { recipe.add("scale", [slope, intercept]) }

  package func change<S: ComputeScalar>(
    _ voxels: UnsafeMutablePointer<S>, _ count: Int, from first: Int, _ beside: VoxelsBeside<S>, _ loops: Loops
  ) {
    withScalars(S(slope), S(intercept), S(0)) { slope, intercept, _ in
      loops.call.scale(voxels, slope, intercept, count)
    }
  }
}
