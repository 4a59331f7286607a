/// The values of one line in working memory, and their statistic. Nothing is allocated.
struct LineValues {
  /// May be sorted by the statistic.
  let values: UnsafeMutableBufferPointer<Double>
  let absentNonFinite: Bool

  func result(_ statistic: LineStatistic) -> Double {
    switch statistic {
    case .median: percentile(50)
    case .percentile(let percent): percentile(percent)
    case .ar1: autocorrelation
    default: running(statistic).result(statistic)
    }
  }

  private func running(_ statistic: LineStatistic) -> RunningStatistic {
    var running = RunningStatistic()
    for (index, value) in values.enumerated() where isPresent(value) { running.add(value, at: index, statistic) }
    return running
  }

  private func isPresent(_ value: Double) -> Bool { !absentNonFinite || value.isFinite }

  private var autocorrelation: Double {
    let mean = running(.mean).result(.mean)
    var (products, squares) = (0.0, 0.0)
    for (index, value) in values.enumerated() where isPresent(value) {
      squares += (value - mean) * (value - mean)
      if index > 0, isPresent(values[index - 1]) { products += (value - mean) * (values[index - 1] - mean) }
    }
    if mean.isNaN { return .nan }
    return squares == 0 ? 0 : products / squares
  }

  /// O(n log n) for any order of the values.
  private func percentile(_ percent: Double) -> Double {
    var count = 0
    for value in values where isPresent(value) {
      if value.isNaN { return .nan }
      values[count] = value
      count += 1
    }
    guard count > 0, !percent.isNaN else { return .nan }
    sort(values[..<count])
    let place = min(max(percent / 100, 0), 1) * Double(count - 1)
    let below = Int(place)
    let (low, high) = (values[below], values[min(below + 1, count - 1)])
    let share = place - Double(below)
    // Between equal infinities there is no difference, and the middle of two is their mean.
    if share == 0 || low == high { return low }
    return share == 0.5 ? low / 2 + high / 2 : low + share * (high - low)
  }

  /// Heapsort (Williams 1964, doi:10.1145/512274.512284): in place, unlike the library's sort.
  private func sort(_ part: Slice<UnsafeMutableBufferPointer<Double>>) {
    var end = part.count
    for root in stride(from: end / 2 - 1, through: 0, by: -1) { sift(root, below: end) }
    while end > 1 {
      end -= 1
      values.swapAt(0, end)
      sift(0, below: end)
    }
  }

  private func sift(_ start: Int, below end: Int) {
    var root = start
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, values[child] < values[child + 1] { child += 1 }
      if values[root] >= values[child] { return }
      values.swapAt(root, child)
      root = child
    }
  }
}
