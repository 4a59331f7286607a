import CHotLoops
import Synchronization
import Volumes

/// Counts of a series' finite voxels in bins of equal width. The counts depend on neither lanes nor their order.
package struct Histogram: Sendable {
  /// Which voxels count.
  package enum Voxels: Sendable {
    case finite
    /// Finite ones above 0.
    case positive
  }

  package let range: ClosedRange<Double>
  package private(set) var counts: [Int64]
  private let edges: [Double]?
  private let voxels: Voxels

  /// - Parameter hasExactEdges: A voxel on an edge counts upwards, as with `numpy.histogram`; else rounding decides.
  package init(_ range: ClosedRange<Double>, bins: Int, of voxels: Voxels = .finite, hasExactEdges: Bool = true) {
    self.range = range
    self.voxels = voxels
    counts = Array(repeating: 0, count: bins)
    let step = (range.upperBound - range.lowerBound) / Double(bins)
    edges = hasExactEdges ? (0..<bins).map { range.lowerBound + Double($0) * step } + [range.upperBound] : nil
  }

  /// The middle of a bin.
  package func centre(of bin: Int) -> Double {
    let step = (range.upperBound - range.lowerBound) / Double(counts.count)
    guard let edges else { return range.lowerBound + (Double(bin) + 0.5) * step }
    return (edges[bin] + edges[bin + 1]) / 2
  }

  package var total: Int64 { counts.reduce(0, +) }

  /// Adds the voxels of a frame, with all lanes.
  package mutating func add<S: ComputeScalar>(_ frame: Frame<S>, runner: Runner<S>) throws(EngineFailure) {
    let width = range.upperBound - range.lowerBound
    let factor = width > 0 ? Double(counts.count) / width : 0
    let offset = -range.lowerBound * factor
    let (edges, positive, bins) = (width > 0 ? edges : nil, voxels.isPositive, counts.count)
    let sum = Mutex(counts)
    try runner.forEachRun(of: frame.shape) { run in
      var own = [Int64](repeating: 0, count: bins)
      let start = UnsafeRawPointer(frame.base + run.lowerBound)
      own.withUnsafeMutableBufferPointer { own in
        guard let first = own.baseAddress else { return }
        if let edges {
          edges.withUnsafeBufferPointer {
            runner.loops.call.histogram(start, run.count, positive, factor, offset, $0.baseAddress, bins, first)
          }
        } else {
          runner.loops.call.histogram(start, run.count, positive, factor, offset, nil, bins, first)
        }
      }
      sum.withLock { sum in for bin in 0..<bins { sum[bin] += own[bin] } }
    }
    counts = sum.withLock { $0 }
  }
}

extension Histogram.Voxels {
  fileprivate var isPositive: Int32 { self == .positive ? 1 : 0 }
}

/// The smallest and the largest of a series' voxels.
package struct ValueRange: Sendable {
  package private(set) var least = Double.infinity
  package private(set) var most = -Double.infinity

  package init() {}

  /// `nil` when no voxel counted.
  package var closed: ClosedRange<Double>? { least <= most ? least...most : nil }

  /// Adds the voxels of a frame, with all lanes.
  package mutating func add<S: ComputeScalar>(
    _ frame: Frame<S>, of voxels: Histogram.Voxels, runner: Runner<S>
  ) throws(EngineFailure) {
    let ends = Mutex((least, most))
    try runner.forEachRun(of: frame.shape) { run in
      var (low, high) = (Double.infinity, -Double.infinity)
      _ = runner.loops.call.range(frame.base + run.lowerBound, run.count, voxels.isPositive, &low, &high)
      ends.withLock { $0 = (min($0.0, low), max($0.1, high)) }
    }
    (least, most) = ends.withLock { $0 }
  }
}
