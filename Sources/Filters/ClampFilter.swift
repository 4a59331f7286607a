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
    FilterPlan(steps: [.pointwise(.clamp(lower: limits.lower, upper: limits.upper))])
  }

  package static let form = Form(keys: [nameKey] + Limits.keys, rules: [Limits.rule])
}
