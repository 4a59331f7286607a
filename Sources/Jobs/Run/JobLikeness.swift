import Filters
import Provenance
import StrictJSON
import Synchronization

/// Whether an earlier run's job asks for the same as this one, whatever grids its scans were on.
///
/// The recipe digest cannot tell: millimetres become other weights on other voxels. The two jobs can.
final class JobLikeness: Sendable {
  private let plan: JobPlan
  private let meaning: [String]
  private let known = Mutex<[Int: Bool]>([:])

  init(to plan: JobPlan) {
    self.plan = plan
    meaning = plan.spec.meaning
  }

  func isSame(as entry: LogHistory.Entry) -> Bool {
    if let answer = known.withLock({ $0[entry.runNumber] }) { return answer }
    let answer = entry.run.map(isSame) ?? false
    known.withLock { $0[entry.runNumber] = answer }
    return answer
  }

  private func isSame(_ run: JSONNode) -> Bool {
    if RecordedJob.digest(of: run) == plan.jobDigest { return true }
    // The log hides paths: whether two masks are the same, only the same job file can say.
    guard let bytes = RecordedJob.restated(run) else { return false }
    let nothing = FilterSurroundings { _ throws(UnreadableFile) in throw .cannotOpen("not in the log") }
    let job = try? JobSpec.decode(bytes, fileName: "", in: nothing)
    return job?.meaning == meaning
  }
}

extension JobSpec {
  /// Everything that decides an output's bytes for a given scan, as the job puts it.
  fileprivate var meaning: [String] {
    guard case .object(let members) = resolved(.noPaths) else { return recipeParts }
    return recipeParts + members.filter { $0.0 == "filters" }.map { $0.1.withEqualNumbers.encoded() }
  }
}

extension JSONOutput {
  /// Numbers that mean the same are written the same: 3 as 3.0.
  fileprivate var withEqualNumbers: JSONOutput {
    switch self {
    case .int(let number): .double(Double(number))
    case .array(let elements): .array(elements.map(\.withEqualNumbers))
    case .object(let members): .object(members.map { ($0.0, $0.1.withEqualNumbers) })
    case .null, .bool, .double, .string: self
    }
  }
}
