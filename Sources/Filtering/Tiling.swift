/// What decides how frames are cut into pieces. It never changes a bit of the result.
package struct Tiling: Sendable {
  /// How many lanes share out the pieces.
  let lanes: Int
  /// Bytes of a frame from which on its three axes are filtered in one stage.
  let rollingFrom: Int

  /// Smaller frames stay in the caches between one stage and the next. Measured, in `Decisions/Passes.md`.
  package static let rollingBytes = 8 * 1024 * 1024
}
