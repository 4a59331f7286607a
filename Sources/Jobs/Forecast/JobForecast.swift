import DurableIO
import Parallel
import Provenance
import Volumes

/// What a run of a plan would do now: made of the log, the output tree and the archive as they are, with nothing written and
/// no lock taken.
package struct JobForecast: Sendable {
  package struct Scan: Sendable {
    package enum Outcome: Sendable {
      case upToDate
      /// An interrupted run finished it and did not say so.
      case recovered
      case work(Decision.Reason)
      case failure(ScanFailure)
    }

    package let outcome: Outcome
    /// The class of its failure, where its last attempt failed.
    package let failedLast: String?

    package var isWork: Bool { if case .work = outcome { true } else { false } }
  }

  package let plan: JobPlan
  /// In the order of the plan's scans.
  package let scans: [Scan]
  package let room: RoomForecast
  /// Nil when there is nothing to do, or nobody can tell.
  package let time: TimeForecast?
  /// How the files were compared.
  package let basis: Basis
  package let findings: [Finding]
  /// Why a run would not start, when it would not.
  package let obstacle: JobRefusal?

  package struct Basis: Sendable {
    /// Recorded outputs that there were to compare.
    package let readsAll: Bool
    package let readFiles: Int
    package let readBytes: Int
    package let filesByTimes: Int
    package let filesBySize: Int
  }

  /// Bytes that are read at most, where not all are to be.
  private static let mostToRead = 1 << 30

  /// - Parameter verifyAll: compare by content, as a run does by default; an archive is read for it.
  /// - Throws: `interrupted`.
  package init(
    of plan: JobPlan, verifyAll: Bool = false, adopting: Bool = false, cancellation: Cancellation = Cancellation()
  ) throws(JobRefusal) {
    self.plan = plan
    let past = PastRuns(at: plan.outputRoot)
    let standard: FileComparison.Standard = verifyAll ? .content : .forecast(bytes: Self.mostToRead)
    let comparison = FileComparison(standard, naming: plan.naming, cancellation: cancellation)
    do {
      let decisions = try past.root.map { root in
        let archive = try InputArchive(plan: plan, history: past.history, cancellation: cancellation).mark()
        let ownership = Ownership(of: plan, in: archive, past.history, adopting: adopting)
        return Decisions(
          plan: plan, history: past.history, root: root, ownership: ownership, force: false, comparison: comparison)
      }
      scans = try plan.scans.map { try Self.scan($0, decisions, past.history) }
      let missing = decisions.map {
        MissingInputs(of: plan, past.history, $0.ownership, root: $0.root).finding
      }
      findings = plan.findings + [missing ?? nil].compactMap { $0 }
      let work = zip(plan.scans, scans).filter { $1.isWork }.map(\.0)
      room = RoomForecast(for: work, of: plan, past.history)
      time = try TimeForecast(for: work, of: plan, past.history, cancellation)
    } catch {
      throw .interrupted
    }
    let seen = comparison.basis
    basis = Basis(
      readsAll: verifyAll, readFiles: seen.readFiles, readBytes: seen.readBytes, filesByTimes: seen.byTimes,
      filesBySize: seen.bySize)
    obstacle = past.obstacle ?? room.obstacle
  }

  /// - Throws: `Cancelled`.
  private static func scan(
    _ scan: PlannedScan, _ decisions: Decisions?, _ history: LogHistory
  ) throws(Cancelled) -> Scan {
    Scan(outcome: try outcome(scan, decisions), failedLast: history.failureClass(of: scan.shownName))
  }

  private static func outcome(_ scan: PlannedScan, _ decisions: Decisions?) throws(Cancelled) -> Scan.Outcome {
    do {
      let content = try scan.content.get()
      guard let decided = try decisions?.decisions(on: scan, content) else { return .work(.new) }
      if let work = decided.lazy.compactMap(\.work).first { return .work(work.reason) }
      return decided.contains { $0.recovered != nil } ? .recovered : .upToDate
    } catch let failure as ScanFailure {
      return .failure(failure)
    } catch let cancelled as Cancelled {
      throw cancelled
    } catch {
      return .failure(
        ScanFailure(.readError, .plan, "output", expected: "to compare it with the log", found: "\(error)"))
    }
  }
}
