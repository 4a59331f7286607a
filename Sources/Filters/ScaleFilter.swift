import Filtering
import StrictJSON
import Volumes

/// x · slope + intercept.
package struct ScaleFilter: Filter {
  package static let name = "scale"
  package static let summary = "Multiplies every voxel by `slope` and adds `intercept`."

  private let slope: Double
  private let intercept: Double

  package init?(_ object: ObjectReader) {
    let slope = object.read(Self.slopeKey)
    let intercept = object.read(Self.interceptKey)
    guard object.isSound, let slope, let intercept else { return nil }
    self.slope = slope
    self.intercept = intercept
  }

  package func plan(for grid: FilterGrid) -> FilterPlan {
    FilterPlan(steps: [.pointwise(.scale(slope: slope, intercept: intercept))])
  }

  package static let form = Form(
    keys: [nameKey, slopeKey.declaration, interceptKey.declaration], rules: [.atLeastOne(["slope", "intercept"])])

  private static let slopeKey = Key<Double>("slope", .number(), .byDefault(1), "What every voxel is multiplied by.")
  private static let interceptKey = Key<Double>("intercept", .number(), .byDefault(0), "What is added to the product.")
}
