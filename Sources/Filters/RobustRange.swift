import CHotLoops
import Filtering
import Volumes

/// Limits at shares of the robust range: between what 2 % of the voxels lie below and 2 % above, as FSL finds it.
///
/// The range is found on a histogram of 1000 bins. Where 2 % to 98 % take less than a tenth of it, which outliers do, the
/// histogram is made again of that part and a bin on either side; after ten times, of everything but its outermost bins.
/// Agrees with `fslmaths -thrp` and `-uthrp` (all voxels), and with `-thrP` and `-uthrP` (voxels above 0).
struct RobustThreshold: ChoosingOperation {
  /// Percentages of the robust range.
  let lower: Double?
  let upper: Double?
  let outside: Double
  let voxels: Histogram.Voxels
  let span: Span

  var filter: String { ThresholdFilter.name }
  var choice: RobustChoice { RobustChoice(lower: lower, upper: upper, outside: outside, voxels: voxels) }

  func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds(fitsFloat: FloatRange.holds(outside)) }

  func describe(in recipe: inout RecipeDigest) {
    recipe.add("threshold of the robust range \(voxels == .positive) \(span.rawValue)", [lower, upper, outside])
  }
}

struct RobustChoice: ThresholdChoice {
  let lower: Double?
  let upper: Double?
  let outside: Double
  let voxels: Histogram.Voxels
  private var full = ValueRange()
  private var histogram: Histogram?
  private var looks = 0
  private var robust: (low: Double, high: Double) = (.nan, .nan)

  init(lower: Double?, upper: Double?, outside: Double, voxels: Histogram.Voxels) {
    (self.lower, self.upper, self.outside, self.voxels) = (lower, upper, outside, voxels)
  }

  private static let bins = 1000
  private static let mostLooks = 10

  mutating func look<S: ComputeScalar>(at frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    if histogram == nil {
      try full.add(frame, of: voxels, runner: runner)
    } else {
      try histogram?.add(frame, runner: runner)
    }
  }

  mutating func endsLook() -> Bool {
    guard let all = full.closed else { return false }
    guard let histogram else {
      robust = (all.lowerBound, all.upperBound)
      return begin(all)
    }
    let isLast = looks == Self.mostLooks
    let range = histogram.range
    let ends = Self.ends(of: histogram, ignoringOutermost: isLast)
    let width = (range.upperBound - range.lowerBound) / Double(Self.bins)
    robust = (range.lowerBound + Double(ends.low) * width, range.lowerBound + Double(ends.high + 1) * width)
    guard !isLast, robust.high - robust.low < (range.upperBound - range.lowerBound) / 10 else { return false }
    let low = range.lowerBound + Double(max(0, ends.low - 1)) * width
    let high = range.lowerBound + Double(min(Self.bins - 1, ends.high + 1) + 1) * width
    return begin(looks == Self.mostLooks - 1 || low >= high ? all : low...high)
  }

  /// - Returns: whether there is anything to look at.
  private mutating func begin(_ range: ClosedRange<Double>) -> Bool {
    looks += 1
    guard range.lowerBound < range.upperBound else { return false }
    histogram = Histogram(range, bins: Self.bins, of: voxels, hasExactEdges: false)
    return true
  }

  /// The bins that 2 % of the voxels end in, from below and from above.
  private static func ends(of histogram: Histogram, ignoringOutermost: Bool) -> (low: Int, high: Int) {
    let bins = ignoringOutermost ? 1..<Self.bins - 1 : 0..<Self.bins
    let counts = histogram.counts
    let share = bins.reduce(Int64(0)) { $0 + counts[$1] } / 50
    var (low, below) = (bins.lowerBound, Int64(0))
    while low < bins.upperBound, below < share {
      below += counts[low]
      low += 1
    }
    var (high, above) = (bins.upperBound - 1, Int64(0))
    while high >= bins.lowerBound, above < share {
      above += counts[high]
      high -= 1
    }
    return (low - 1, high + 1)
  }

  private var limits: (lower: Double?, upper: Double?) {
    func at(_ percent: Double) -> Double { robust.low + percent / 100 * (robust.high - robust.low) }
    return (lower.map(at), upper.map(at))
  }

  func apply<S: ComputeScalar>(to voxels: UnsafeMutablePointer<S>, _ count: Int, _ loops: Loops) {
    let limits = limits
    withScalars(S(limits.lower ?? -.infinity), S(limits.upper ?? .infinity), S(outside)) { lower, upper, outside in
      loops.call.threshold(voxels, lower, upper, outside, count)
    }
  }

  var chosen: [(name: String, value: Double)] {
    let limits = limits
    return [("lower", limits.lower), ("upper", limits.upper)].compactMap { name, value in value.map { (name, $0) } }
  }
}
