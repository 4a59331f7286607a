import Provenance
import StrictJSON
import Volumes

/// Which outputs are a job's own: those that it made, by its name, from this archive. Others are never replaced, unless
/// its user has said that they are to be taken over.
struct Ownership: Sendable {
  let owner: RunOwner
  /// Those whose outputs this run or an earlier one of this job has taken over.
  private let adopted: Set<RunOwner>
  /// What this run takes over and no earlier one has.
  let adopts: [RunOwner]

  /// - Parameter adopting: whether to take over what there is of others at the places of this job's outputs.
  init(of plan: JobPlan, in archive: ArchiveMark, _ history: LogHistory, adopting: Bool) {
    owner = RunOwner(job: plan.spec.name, archive: archive.id)
    let before = history.adoptions[owner] ?? []
    let others = adopting ? Self.others(than: owner, in: plan, history).subtracting(before) : []
    adopted = before.union(others)
    adopts = others.sorted { ($0.job, $0.archive ?? "") < ($1.job, $1.archive ?? "") }
  }

  private static func others(than owner: RunOwner, in plan: JobPlan, _ history: LogHistory) -> Set<RunOwner> {
    let entries = plan.scans.flatMap(\.outputs).flatMap { output in
      [history.outputs[output.shownName], history.prepared[output.shownName]].compactMap { $0 }
    }
    return Set(entries.compactMap(\.owner).filter { !$0.isSame(as: owner) })
  }

  /// Whether the job made it itself, from this archive.
  func made(_ entry: LogHistory.Entry) -> Bool { entry.owner?.isSame(as: owner) ?? true }

  func owns(_ entry: LogHistory.Entry) -> Bool {
    guard let other = entry.owner else { return true }
    return other.isSame(as: owner) || adopted.contains(other)
  }

  /// - Throws: `E_OUT_EXISTS` with both jobs' names for what is not the job's own.
  func require(_ entry: LogHistory.Entry) throws(ScanFailure) {
    guard !owns(entry), let other = entry.owner else { return }
    throw .othersOutput(of: other, for: owner)
  }
}

extension RunOwner {
  /// Logs that do not tell the archive go by the job's name.
  fileprivate func isSame(as other: RunOwner) -> Bool {
    job == other.job && (archive == nil || other.archive == nil || archive == other.archive)
  }
}

extension ScanFailure {
  fileprivate static func othersOutput(of other: RunOwner, for owner: RunOwner) -> ScanFailure {
    let place = other.archive.map { $0 == owner.archive ? " from this archive" : " from another archive" } ?? ""
    return ScanFailure(
      .outputExists, .plan, "output", expected: "one that the job \(owner.job.quoted) made from this archive",
      found: "one that the job \(other.job.quoted) made\(place)",
      advice: "give the job another output.root or output.name; if such outputs are its own, run it once with --adopt")
  }
}
