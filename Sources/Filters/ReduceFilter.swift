import Filtering
import StrictJSON
import Volumes

/// A statistic along one axis, or along time.
package struct ReduceFilter: Filter {
  package static let name = "reduce"
  package static let summary =
    "Takes a statistic along an axis, of which one voxel is left, or along time, of which one frame is left."

  fileprivate enum AxisName: String, CaseIterable, Sendable { case i, j, k, t }

  fileprivate enum StatisticName: String, CaseIterable, Sendable {
    case mean, std, min, max, argmax, median, percentile, ar1, tsnr
  }

  private let along: ReduceOperation.Along
  private let statistic: LineStatistic

  package init?(_ object: ObjectReader) {
    let axis = object.read(Self.axisKey)
    let name = object.read(Self.statisticKey)
    let percent = object.read(Self.percentKey)
    if name == .percentile, percent == nil { object.report("missing; expected a number from 0 to 100", at: "percent") }
    guard object.isSound, let axis, let name else { return nil }
    along = Axis(name: axis.rawValue).map { .axis($0) } ?? .time
    statistic = name.statistic(percent ?? 50)
  }

  package func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan {
    if case .axis(let axis) = along, !grid.axes.contains(axis) { throw .noAxis(of: Self.name, grid) }
    return FilterPlan(ReduceOperation(filter: Self.name, along: along, statistic: statistic))
  }

  package static let form = Form(
    keys: [nameKey, axisKey.declaration, statisticKey.declaration, percentKey.declaration],
    rules: [.onlyWith("percent", key: "statistic", is: "percentile")])

  fileprivate static let axisKey = Key<AxisName>(
    "axis", .choice, .required, "The axis: i, j or k of the grid, or t, from frame to frame.")
  fileprivate static let statisticKey = Key<StatisticName>(
    "statistic", .choice, .required,
    "`std` is the sample's (n − 1), `argmax` counts from 0, `ar1` is the autocorrelation at a lag of one frame, `tsnr` is "
      + "mean by std; `median` and `percentile` interpolate linearly, as numpy does.")
  private static let percentKey = Key<Double>(
    "percent", .number(.from(0, to: 100)), .optional, "Which percentile.")
}

extension ReduceFilter.StatisticName {
  fileprivate func statistic(_ percent: Double) -> LineStatistic {
    switch self {
    case .mean: .mean
    case .std: .std
    case .min: .min
    case .max: .max
    case .argmax: .argmax
    case .median: .median
    case .percentile: .percentile(percent)
    case .ar1: .ar1
    case .tsnr: .tsnr
    }
  }
}
