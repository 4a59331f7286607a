import CHotLoops
import Filtering
import StrictJSON
import Volumes

/// Divides the voxels into two classes by Otsu's threshold.
package struct OtsuFilter: Filter {
  package static let name = "otsu"
  package static let summary =
    "Divides the voxels by Otsu's threshold, the one that sets the means of both classes farthest apart; the log records it."

  /// What voxels become.
  package enum Result: String, CaseIterable, Sendable {
    /// 1 above the threshold, else 0.
    case mask
    /// Unchanged above the threshold, else 0.
    case voxels
  }

  private let bins: Int
  private let result: Result
  private let span: Span

  package init?(_ object: ObjectReader) {
    let bins = object.read(Self.binsKey)
    let result = object.read(Self.resultKey)
    let span = object.read(Span.key)
    guard object.isSound, let bins, let result, let span else { return nil }
    (self.bins, self.result, self.span) = (bins, result, span)
  }

  package func plan(for grid: FilterGrid) -> FilterPlan {
    FilterPlan(Otsu(bins: bins, result: result, span: span))
  }

  package static let form = Form(
    keys: [nameKey, binsKey.declaration, resultKey.declaration, Span.key.declaration])

  private static let binsKey = Key<Int>(
    "bins", .integer(.from(2, to: 65_536)), .byDefault(256),
    "Bins of the histogram, from the smallest to the largest finite voxel.")
  private static let resultKey = Key<Result>(
    "result", .choice, .byDefault(.mask),
    "`mask`: 1 above the threshold and 0 elsewhere. `voxels`: unchanged above the threshold and 0 elsewhere.")
}

/// Otsu's threshold (doi 10.1109/TSMC.1979.4310076) on a histogram of the finite voxels: the middle of the bin after which
/// the variance between the classes is largest, the first of equals. Agrees with `skimage.filters.threshold_otsu`.
struct Otsu: ChoosingOperation {
  let bins: Int
  let result: OtsuFilter.Result
  let span: Span

  var filter: String { OtsuFilter.name }
  var choice: OtsuChoice { OtsuChoice(bins: bins, result: result) }

  func numbers(in engine: Engine) -> NumericNeeds { NumericNeeds() }

  func describe(in recipe: inout RecipeDigest) {
    recipe.add("otsu \(result.rawValue) \(span.rawValue)", [Double(bins)])
  }
}

struct OtsuChoice: ThresholdChoice {
  let bins: Int
  let result: OtsuFilter.Result
  private var range = ValueRange()
  private var histogram: Histogram?
  private var threshold = Double.nan

  init(bins: Int, result: OtsuFilter.Result) { (self.bins, self.result) = (bins, result) }

  mutating func look<S: ComputeScalar>(at frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    if histogram == nil {
      try range.add(frame, of: .finite, runner: runner)
    } else {
      try histogram?.add(frame, runner: runner)
    }
  }

  mutating func endsLook() -> Bool {
    if let histogram {
      threshold = Self.threshold(histogram)
      return false
    }
    // Without two values there is nothing to divide.
    guard let range = range.closed, range.lowerBound < range.upperBound else {
      threshold = range.closed?.upperBound ?? .nan
      return false
    }
    histogram = Histogram(range, bins: bins)
    return true
  }

  /// In Double, from the first bin on.
  static func threshold(_ histogram: Histogram) -> Double {
    let counts = histogram.counts.map(Double.init)
    let moments = counts.indices.map { counts[$0] * histogram.centre(of: $0) }
    let (all, moment) = (counts.reduce(0, +), moments.reduce(0, +))
    var (below, momentBelow, best, largest) = (0.0, 0.0, 0, -1.0)
    for bin in counts.indices.dropLast() {
      below += counts[bin]
      momentBelow += moments[bin]
      guard below > 0, below < all else { continue }
      let distance = momentBelow / below - (moment - momentBelow) / (all - below)
      let variance = below * (all - below) * distance * distance
      if variance > largest { (best, largest) = (bin, variance) }
    }
    return histogram.centre(of: best)
  }

  func apply<S: ComputeScalar>(to voxels: UnsafeMutablePointer<S>, _ count: Int, _ loops: Loops) {
    let limit = S(threshold)
    for voxel in 0..<count {
      let isAbove = voxels[voxel] > limit
      switch result {
      case .mask: voxels[voxel] = isAbove ? 1 : 0
      case .voxels: voxels[voxel] = isAbove || voxels[voxel].isNaN ? voxels[voxel] : 0
      }
    }
  }

  var chosen: [(name: String, value: Double)] { [("threshold", threshold)] }
}
