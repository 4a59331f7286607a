import ByteStreams
import CLinux
import Glibc
import Parallel
import Provenance
import Volumes

/// Knows an archive again, whatever it is called now: by the folder itself, or by the scans in it.
///
/// An archive that was moved, renamed, restored from a backup or mounted elsewhere is the same one. Another archive with
/// the same names in it is not, also where it lies in the first one's place.
struct InputArchive {
  let plan: JobPlan
  let history: LogHistory
  let cancellation: Cancellation

  /// Scans that are compared when the folder alone does not tell.
  private static let sample = 8

  /// - Throws: `Cancelled`.
  func mark() throws(Cancelled) -> ArchiveMark {
    let id = try knownID() ?? LogID.random()
    return ArchiveMark(id: id, folder: plan.inputRoot.mark(of: id))
  }

  private func knownID() throws(Cancelled) -> String? {
    let known = Array(history.archives.reversed())
    if let same = known.first(where: { $0.folder != nil && $0.folder == plan.inputRoot.mark(of: $0.id) }) {
      return same.id
    }
    var seen: Set<String> = []
    for mark in known where seen.insert(mark.id).inserted && seen.count <= Self.sample {
      let (same, all) = try comparison(with: mark.id)
      if same > 0, 2 * same >= all { return mark.id }
    }
    return nil
  }

  /// How many of an archive's recorded scans are here, of a few that are looked at, and how many of those are unchanged.
  private func comparison(with archive: String) throws(Cancelled) -> (same: Int, all: Int) {
    let scans = Dictionary(plan.scans.map { ($0.shownName, $0) }) { first, _ in first }
    let recorded = history.inOrder.filter { entry in
      entry.owner?.archive == archive && entry.record.inputs.first.map { scans[$0.name] != nil } == true
    }
    let most = Self.sample * Self.sample
    let spread = (0..<min(most, recorded.count)).map { recorded[$0 * recorded.count / min(most, recorded.count)] }
    let cheap = spread.sorted { $0.record.inputBytes < $1.record.inputBytes }.prefix(Self.sample)
    var (same, all) = (0, 0)
    for entry in cheap {
      guard let name = entry.record.inputs.first?.name, let scan = scans[name] else { continue }
      all += 1
      if try isUnchanged(scan, entry.record) { same += 1 }
    }
    return (same, all)
  }

  /// What cannot be read tells nothing.
  private func isUnchanged(_ scan: PlannedScan, _ record: ScanRecord) throws(Cancelled) -> Bool {
    do {
      let comparison = FileComparison(.content, naming: plan.naming, cancellation: cancellation)
      let files = try comparison.unchangedFiles(
        of: scan, in: plan.inputPlace, since: record, stat: nil, time: nil, isOwn: false)
      return files != nil
    } catch let cancelled as Cancelled {
      throw cancelled
    } catch {
      return false
    }
  }
}

extension ScanRecord {
  fileprivate var inputBytes: Int { inputs.reduce(0) { $0.addingSaturating($1.bytes) } }
}

extension InputRoot {
  /// Tells the folder from all others, wherever it is moved or mounted: by its file system, its number there, and when it
  /// was made. Nil where neither of the last two tells anything. Two file systems that were made together may number their
  /// folders alike, at the same tick of the clock; one that shows another identity with each mount is known by its scans.
  ///
  /// A hash with the archive's random id: the same folder has other marks in other logs. No path goes into it.
  fileprivate func mark(of archive: String) -> String? {
    var (facts, system) = (stat(), statvfs())
    guard fstat(descriptor, &facts) == 0, fstatvfs(descriptor, &system) == 0 else { return nil }
    let born = clinux_birth_time(descriptor)
    guard born > 0 || system.f_fsid != 0 else { return nil }
    let parts = [archive, "\(facts.st_ino)", "born \(born)", "on \(system.f_fsid)"]
    return String(SHA256.digest(of: Array(parts.joined(separator: "\0").utf8)).hex.prefix(32))
  }
}
