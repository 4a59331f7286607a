import Volumes

extension HeaderChecks {
  /// `scl_slope` and `scl_inter`. NIfTI says that a slope of 0 means "not scaled"; a slope that is not a number is taken
  /// as that too, because nibabel writes it for "not scaled".
  mutating func scaling() throws(ScanFailure) -> Scaling {
    let slope = fields.real(.slope)
    let intercept = fields.real(.intercept)
    if slope.isInfinite { throw .header(.headerScale, "scl_slope", expected: "a finite number", found: "\(slope)") }
    if slope.isNaN {
      warn("slope-not-a-number", "scl_slope is not a number; voxel values are taken as stored")
      return .identity
    }
    if slope == 0 {
      if intercept != 0 { warn("intercept-ignored", "scl_slope is 0, so scl_inter is ignored") }
      return .identity
    }
    guard intercept.isFinite else {
      throw .header(.headerScale, "scl_inter", expected: "a finite number", found: "\(intercept)")
    }
    return Scaling(slope: slope, intercept: intercept)
  }
}
