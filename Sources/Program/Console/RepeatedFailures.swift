import Jobs
import Synchronization
import Volumes

/// Keeps one cause from filling the screen: after some scans that failed for the same cause, the others are counted, and
/// told together at the end.
final class RepeatedFailures: Sendable {
  /// Failures that differ in nothing, and failures of one cause whose numbers differ, that are told one by one.
  private static let (mostEqual, mostAlike) = (3, 20)

  private let equal = Mutex<[String: Int]>([:])
  private let alike = Mutex<[FailureCauses.Cause: Int]>([:])

  /// Whether the failure of a scan is to be told by itself.
  func isNews(_ failure: ScanFailure) -> Bool {
    let cause = FailureCauses.Cause(failure)
    let number = alike.withLock { counts in
      counts[cause, default: 0] += 1
      return counts[cause, default: 0]
    }
    let same = equal.withLock { counts in
      counts["\(failure)", default: 0] += 1
      return counts["\(failure)", default: 0]
    }
    return same <= Self.mostEqual && number <= Self.mostAlike
  }
}

/// Why scans of a run failed, cause by cause.
struct FailureCauses {
  /// Failures that are mended in the same way.
  struct Cause: Hashable {
    let failureClass: FailureClass
    let subject: String
    let advice: String?

    init(_ failure: ScanFailure) {
      (failureClass, subject, advice) = (failure.failureClass, failure.subject, failure.advice)
    }
  }

  private let failures: [(name: String, failure: ScanFailure)]
  private static let mostNames = 3

  init(_ summary: RunSummary) {
    failures = summary.scans.compactMap { scan in
      if case .failed(let failure) = scan.outcome { (scan.name, failure) } else { nil }
    }
  }

  /// A sentence for each cause that more than one scan failed for, the most frequent first.
  var sentences: [String] {
    let groups = Dictionary(grouping: failures.indices) { Cause(failures[$0].failure) }.values.filter { $0.count > 1 }
    return groups.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }.map(sentence)
  }

  private func sentence(_ group: [Int]) -> String {
    let first = failures[group[0]].failure
    let names = group.prefix(Self.mostNames).map { failures[$0].name }.joined(separator: ", ")
    let others = group.count > Self.mostNames ? " and \(group.count - Self.mostNames) more" : ""
    let isSame = group.allSatisfy { failures[$0].failure == first }
    let reason = isSame ? "for the same reason" : "for the same cause, the first"
    return "\(Wording.count(group.count, "scan")) failed \(reason): \(first) (\(names)\(others))"
  }
}
