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

  /// Bytes of a frame from which on rolling may be faster. Smaller ones stay in the caches between one stage and the
  /// next, and have too few long pieces to keep several lanes busy. Measured, in `Decisions/Passes.md`.
  var rollingFrom: Int { (lanes == 1 ? 8 : 32) * 1024 * 1024 }
}
