/// What is done about a header that is odd in a field which the voxels do not depend on.
package enum HeaderPolicy: String, CaseIterable, Sendable {
  /// The other source of the same fact is taken, or a default, and a finding tells of it.
  case tolerant
  /// The scan is refused.
  case strict
}
