/// What is made of the values along one axis: of a line of voxels, or of one voxel's series.
///
/// All of them are computed in Double, value after value in the order of the axis, so that the bits do not depend on
/// lanes. NaN makes a result NaN, unless absent values are left out; then the statistic is that of the finite values, and
/// NaN where there are none.
package enum LineStatistic: Sendable, Hashable {
  case mean
  /// The sample's: n - 1 below the sum of squares. 0 for one value.
  case std
  case min, max
  /// The index of the first largest value, from 0; absent values count as places.
  case argmax
  /// Of an even number of values the mean of the middle two, as numpy.median.
  case median
  /// From 0 to 100, interpolated linearly between neighbours in rank, as numpy.percentile.
  case percentile(Double)
  /// The autocorrelation at a lag of one, of the values less their mean: Σ d[t] d[t-1] / Σ d[t]²; 0 where they do not vary.
  /// Pairs with an absent value are left out.
  case ar1
  /// Mean by standard deviation; 0 where the values do not vary, so that background stays finite.
  case tsnr

  /// As the job file writes it.
  package var name: String {
    switch self {
    case .mean: "mean"
    case .std: "std"
    case .min: "min"
    case .max: "max"
    case .argmax: "argmax"
    case .median: "median"
    case .percentile: "percentile"
    case .ar1: "ar1"
    case .tsnr: "tsnr"
    }
  }

  var percent: Double? { if case .percentile(let percent) = self { percent } else { nil } }

  /// Frames can be taken one after another, and none is kept.
  package var accumulates: Bool {
    switch self {
    case .mean, .std, .min, .max, .argmax, .tsnr: true
    case .median, .percentile, .ar1: false
    }
  }
}

/// What is known of the values so far, for the statistics that accumulate. All zeros is the beginning.
///
/// Deviations by Welford's recurrence (1962, doi:10.1080/00401706.1962.10490022): constant values have exactly none.
struct RunningStatistic {
  private var count = 0.0
  /// The sum, the running mean, or the extreme value.
  private var first = 0.0
  /// The sum of squared deviations, or the index of the extreme value.
  private var second = 0.0

  mutating func add(_ value: Double, at index: Int, _ statistic: LineStatistic) {
    count += 1
    switch statistic {
    case .mean: first += value
    case .min: if count == 1 || value < first || value.isNaN { keep(value, index) }
    case .max, .argmax: if count == 1 || value > first || value.isNaN { keep(value, index) }
    default:
      let before = value - first
      first += before / count
      second += before * (value - first)
    }
  }

  /// NaN, once met, stays: no comparison with it is true.
  private mutating func keep(_ value: Double, _ index: Int) {
    first = value
    second = Double(index)
  }

  func result(_ statistic: LineStatistic) -> Double {
    guard count > 0 else { return .nan }
    switch statistic {
    case .mean: return first / count
    case .min, .max: return first
    case .argmax: return first.isNaN ? .nan : second
    case .tsnr:
      let deviation = standardDeviation
      return deviation == 0 ? 0 : first / deviation
    default: return standardDeviation
    }
  }

  private var standardDeviation: Double {
    // One NaN or infinite value has no deviation either, and must not pass for 0.
    guard count > 1 else { return second * 0 }
    return (second / (count - 1)).squareRoot()
  }
}
