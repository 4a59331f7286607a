import Volumes

/// What is done about a header that is odd in a field which the voxels do not depend on.
package enum HeaderPolicy: String, CaseIterable, Sendable {
  /// The other source of the same fact is taken, or a default, and a finding tells of it.
  case tolerant
  /// The scan is refused.
  case strict
}

extension HeaderPolicy {
  /// What is told of an odd field, and of what was used instead.
  ///
  /// - Throws: the failure itself where the policy is strict.
  func finding(insteadOf failure: ScanFailure, _ code: String, using used: String) throws(ScanFailure) -> Finding {
    guard self == .tolerant else { throw failure }
    return Finding(code, "\(failure.subject): expected \(failure.expected), found \(failure.found); \(used)")
  }
}
