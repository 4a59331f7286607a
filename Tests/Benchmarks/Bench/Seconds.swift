import Glibc

/// How long something took, on the wall clock.
struct Seconds {
  let least: Double
  let median: Double

  /// Runs `work` twice for nothing, and then `runs` times.
  init(runs: Int, _ work: () throws -> Void) rethrows {
    var taken: [Double] = []
    for run in -2..<runs {
      let start = Seconds.now()
      try work()
      if run >= 0 { taken.append(Seconds.now() - start) }
    }
    taken.sort()
    least = taken[0]
    median = taken[taken.count / 2]
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  var milliseconds: String { "\((least * 1e3).rounded(to: 1)) (\((median * 1e3).rounded(to: 1)))" }
}
