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
    FilterPlan(steps: [.pointwise(.threshold(lower: limits.lower, upper: limits.upper, outside: outside))])
  }

  package static let form = Form(keys: [nameKey] + Limits.keys + [outsideKey.declaration], rules: [Limits.rule])

  private static let outsideKey = Key<Double>(
    "outside", .number(), .byDefault(0), "What voxels beyond the limits become.")
}
