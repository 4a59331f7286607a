import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// Replaces values beyond two limits.
package struct ThresholdFilter: Filter {
  package static let name = "threshold"
  package static let summary =
    "Keeps voxels from `lower` to `upper`, both included; the others become `outside`; NaN stays NaN."

  private enum Bounds {
    case values(lower: Double?, upper: Double?)
    /// Percentages of the robust range.
    case percents(lower: Double?, upper: Double?)
  }

  private let bounds: Bounds
  private let outside: Double
  private let voxels: RangeOf
  private let span: Span

  /// Whose robust range percentages are of.
  package enum RangeOf: String, CaseIterable, Sendable { case all, positive }

  package init?(_ object: ObjectReader) {
    let lower = object.read(Self.lowerPercentKey)
    let upper = object.read(Self.upperPercentKey)
    let limits = Limits(object)
    let outside = object.read(Self.outsideKey)
    let voxels = object.read(Self.rangeKey)
    let span = object.read(Span.key)
    if let lower, let upper, lower > upper {
      object.report(
        "expected at least \"lower_percent\", which is \(lower.words), found \(upper.words)", at: "upper_percent")
    }
    guard object.isSound, let limits, let outside, let voxels, let span else { return nil }
    bounds =
      lower != nil || upper != nil
      ? .percents(lower: lower, upper: upper) : .values(lower: limits.lower, upper: limits.upper)
    (self.outside, self.voxels, self.span) = (outside, voxels, span)
  }

  package func plan(for grid: FilterGrid) -> FilterPlan {
    switch bounds {
    case .values(let lower, let upper): FilterPlan(Threshold(lower: lower, upper: upper, outside: outside))
    case .percents(let lower, let upper):
      FilterPlan(
        RobustThreshold(
          lower: lower, upper: upper, outside: outside, voxels: voxels == .positive ? .positive : .finite, span: span))
    }
  }

  package static let form = Form(
    keys: [nameKey] + Limits.keys + [
      lowerPercentKey.declaration, upperPercentKey.declaration, rangeKey.declaration, Span.key.declaration,
      outsideKey.declaration,
    ],
    rules: [
      .atLeastOne(["lower", "upper", "lower_percent", "upper_percent"]), .excludes("lower", "lower_percent"),
      .excludes("lower", "upper_percent"), .excludes("upper", "lower_percent"), .excludes("upper", "upper_percent"),
    ])

  private static let lowerPercentKey = Key<Double>(
    "lower_percent", .number(.from(0, to: 100)), .optional,
    "The lower limit as a percentage of the robust range, which leaves 2 % of the voxels out at either end; the log "
      + "records the limit.")
  private static let upperPercentKey = Key<Double>(
    "upper_percent", .number(.from(0, to: 100)), .optional, "The upper limit, likewise.")
  private static let rangeKey = Key<RangeOf>(
    "range_of", .choice, .byDefault(.all), "Whose robust range: that of all finite voxels, or of those above 0.")
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
