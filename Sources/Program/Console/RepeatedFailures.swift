import Jobs
import Synchronization
import Volumes

/// Keeps one cause from filling the screen: after some scans that failed for the very same reason, the others are counted,
/// and told together at the end.
final class RepeatedFailures: Sendable {
  static let most = 3

  private let counts = Mutex<[String: Int]>([:])

  /// Whether the failure of a scan is to be told by itself.
  func isNews(_ failure: ScanFailure) -> Bool {
    counts.withLock { counts in
      counts["\(failure)", default: 0] += 1
      return counts["\(failure)", default: 0] <= Self.most
    }
  }
}

extension RunSummary {
  /// For each reason that more scans failed for than were told one by one, a sentence.
  var groupedFailures: [String] {
    let failures = scans.compactMap { scan in
      if case .failed(let failure) = scan.outcome { (scan.name, "\(failure)") } else { nil }
    }
    let groups = Dictionary(grouping: failures, by: \.1).filter { $1.count > RepeatedFailures.most }
    return groups.sorted { $0.value[0].0 < $1.value[0].0 }.map { failure, scans in
      "\(Wording.count(scans.count, "scan")) failed for the same reason: \(failure)"
    }
  }
}
