import Filtering
import Testing
import Volumes

@Suite struct LineStatisticTests {
  static let statistics: [LineStatistic] = [
    .mean, .std, .min, .max, .argmax, .median, .percentile(0), .percentile(37.5), .percentile(100), .ar1, .tsnr,
  ]

  /// By the textbook, with two passes.
  private func reference(_ all: [Double], _ statistic: LineStatistic, absent: Bool) -> Double {
    let values = absent ? all.filter(\.isFinite) : all
    guard !values.isEmpty, absent || !values.contains(where: \.isNaN) else { return .nan }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let std = values.count == 1 ? 0 : (squares / Double(values.count - 1)).squareRoot()
    let sorted = values.sorted()
    func percentile(_ percent: Double) -> Double {
      let place = percent / 100 * Double(values.count - 1)
      let below = Int(place)
      return sorted[below] + (place - Double(below)) * (sorted[min(below + 1, values.count - 1)] - sorted[below])
    }
    switch statistic {
    case .mean: return mean
    case .std: return std
    case .min: return sorted[0]
    case .max: return sorted[values.count - 1]
    case .argmax: return Double(all.firstIndex(of: sorted[values.count - 1]) ?? -1)
    case .median: return percentile(50)
    case .percentile(let percent): return percentile(percent)
    case .tsnr: return std == 0 ? 0 : mean / std
    case .ar1:
      let products = zip(all, all.dropFirst()).reduce(0.0) { sum, pair in
        let product = (pair.0 - mean) * (pair.1 - mean)
        return product.isFinite || !absent ? sum + product : sum
      }
      return squares == 0 ? 0 : products / squares
    }
  }

  private func agree(_ found: Double, _ expected: Double) -> Bool {
    found.isNaN && expected.isNaN || found == expected || abs(found - expected) <= 1e-12 * max(1, abs(expected))
  }

  @Test(arguments: statistics, Axis.allCases) func `along an axis of a frame`(_ statistic: LineStatistic, _ axis: Axis)
    throws
  {
    var dice = Dice(7)
    for lengths in [(6, 5, 4), (1, 1, 1), (3, 300, 2)] {
      let shape = try #require(Shape(i: lengths.0, j: lengths.1, k: lengths.2))
      let frame = try dice.frame(shape, of: Double.self)
      frame.voxels[0] = .nan
      for absent in [false, true] {
        let result = try LineReduction(statistic, absentNonFinite: absent)
          .reduce(frame, along: axis, on: Engine(threads: 2))
        #expect(result.shape[axis] == 1)
        let strides = PerAxis(1, shape.i, shape.slice)
        for (voxel, found) in result.voxels.enumerated() {
          let to = result.shape
          let start = voxel % to.i + voxel / to.i % to.j * strides.j + voxel / to.slice * strides.k
          let line = (0..<shape[axis]).map { frame.voxels[start + $0 * strides[axis]] }
          #expect(agree(found, reference(line, statistic, absent: absent)), "\(line)")
        }
      }
    }
  }

  @Test(arguments: statistics) func `frame after frame gives the bits of a tile`(_ statistic: LineStatistic) throws {
    var dice = Dice(8)
    let shape = try #require(Shape(i: 31, j: 17, k: 3))
    let frames = try (0..<9).map { _ in try dice.frame(shape, of: Float.self) }
    frames[3].voxels[5] = .nan
    frames[4].voxels[6] = .infinity
    for frame in frames { frame.voxels[7] = .nan }
    for frame in frames { frame.voxels[8] = 0.1 }
    for absent in [false, true] {
      let reduction = LineReduction(statistic, absentNonFinite: absent)
      let tile = try [1, 2].map { threads in
        let result = try Frame<Float>(shape: shape)
        try reduction.reduce(
          rows: frames.map { UnsafePointer($0.base) }, count: shape.count, into: result.base,
          on: Engine(threads: threads))
        return result
      }
      #expect(bits(tile[0]) == bits(tile[1]))
      #expect(tile[0].voxels[7].isNaN)
      #expect(tile[0].voxels[5].isNaN == !absent)
      let accumulator = try SeriesAccumulator<Float>(reduction, shape: shape, on: Engine(threads: 2))
      #expect((accumulator != nil) == statistic.accumulates)
      guard let accumulator else { continue }
      for frame in frames { try accumulator.add(frame) }
      #expect(bits(try accumulator.result()) == bits(tile[0]))
    }
  }

  /// numpy 2: a = [3, -1, 4, 1, -5, 9, 2, 6]; a.mean(), a.std(ddof=1), np.median(a), np.percentile(a, 37.5), a.argmax(),
  /// and ((a - m)[1:] * (a - m)[:-1]).sum() / ((a - m) ** 2).sum().
  @Test(arguments: [
    (LineStatistic.mean, 2.375), (.std, 4.274091382136927), (.median, 2.5), (.percentile(37.5), 1.625),
    (.argmax, 5.0), (.ar1, -0.40970185728250247), (.tsnr, 0.5556736596522104),
  ]) func `agrees with numpy`(_ statistic: LineStatistic, _ expected: Double) throws {
    let frame = try Frame<Double>(shape: try #require(Shape(i: 8)))
    for (place, value) in [3.0, -1, 4, 1, -5, 9, 2, 6].enumerated() { frame.voxels[place] = value }
    let result = try LineReduction(statistic, absentNonFinite: false).reduce(frame, along: .i, on: Engine(threads: 1))
    #expect(agree(result.voxels[0], expected))
  }
}
