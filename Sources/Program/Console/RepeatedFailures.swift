import Jobs
import Synchronization
import Volumes

/// Keeps a job that was changed from filling the screen: it meets each of its earlier outputs, and each is refused for the
/// very same reason. After some of them the others are counted, and told together at the end. The summary and the log name
/// each. Other failures are told one by one: they are the scans' own.
final class RepeatedFailures: Sendable {
  static let most = 3

  private let counts = Mutex<[String: Int]>([:])

  /// Whether the failure of a scan is to be told by itself.
  func isNews(_ failure: ScanFailure) -> Bool {
    guard failure.failureClass == .outputExists else { return true }
    return counts.withLock { counts in
      counts["\(failure)", default: 0] += 1
      return counts["\(failure)", default: 0] <= Self.most
    }
  }
}

extension RunSummary {
  /// For each reason that outputs were refused for more often than was told one by one, a sentence.
  var groupedFailures: [String] {
    let failures = scans.compactMap { scan in
      if case .failed(let failure) = scan.outcome, failure.failureClass == .outputExists {
        (scan.name, "\(failure)")
      } else {
        nil
      }
    }
    let groups = Dictionary(grouping: failures, by: \.1).filter { $1.count > RepeatedFailures.most }
    return groups.sorted { $0.value[0].0 < $1.value[0].0 }.map { failure, scans in
      "\(Wording.count(scans.count, "scan")) failed for the same reason: \(failure)"
    }
  }
}
