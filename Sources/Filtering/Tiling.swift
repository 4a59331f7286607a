/// What decides how frames are cut into pieces. It never changes a bit of the result.
package struct Tiling: Sendable {
  /// How many lanes share out the pieces.
  let lanes: Int
  let rolling: Rolling

  /// When the three axes of a frame are filtered in one stage.
  package enum Rolling: Sendable {
    case whereFaster
    /// Wherever the cache holds the window.
    case always
    case never
  }

  /// Whether three axes may be filtered in one stage: where that may be faster than two. Small frames stay in the caches between one stage and the next, and have
  /// too few long pieces to keep several lanes busy; passes of many taps need windows that fill the cache. Measured, in
  /// `Decisions/Passes.md`.
  func mayRoll(frameBytes: Int, taps: Int) -> Bool {
    let (leastMebibytes, mostTaps) = lanes == 1 ? (2, 15) : (10, 13)
    switch rolling {
    case .always: return true
    case .never: return false
    case .whereFaster: return frameBytes >= leastMebibytes * 1024 * 1024 && taps <= mostTaps
    }
  }
}
