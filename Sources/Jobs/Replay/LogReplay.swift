import ByteStreams
import DurableIO
import Parallel
import Provenance
import VolumeIO
import Volumes

/// Computes the outputs that a log records again, from the inputs that it names, and compares the voxels.
///
/// Nothing is written. What is compared is the digest of the voxels as stored, which depends neither on the compressor nor
/// on the machine; the outputs themselves need not be there any more.
package struct LogReplay: Sendable {
  package struct Options: Sendable {
    /// Where the inputs are now; without it, where the jobs say.
    package var inputRoot: String?
    /// Lets links among the inputs lead out of their root, as a job given in `jobs` may have said of its own.
    package var followsLinks = false
    /// Where the log is, with parts of its records in files of their own.
    package var folder: String?
    /// The job files that runs were made from: needed where a job names masks or weights, whose paths no log holds.
    package var jobs: [String] = []
    /// At most so many outputs, spread evenly over the log.
    package var most = Int.max
    package var resources = ResourceOverrides()

    package init() {}
  }

  package struct Report: Sendable {
    package var outputs = 0
    package var problems: [Problem] = []
    /// Outputs of an earlier rule, which are as they were meant and would be made again.
    package var earlier: [Problem] = []
  }

  private let history: LogHistory
  private let options: Options
  private let cancellation: Cancellation

  /// - Parameter history: of a log that was found whole.
  package init(_ history: LogHistory, options: Options, cancellation: Cancellation = Cancellation()) {
    (self.history, self.options, self.cancellation) = (history, options, cancellation)
  }

  /// - Parameter observer: told each output as it is done, with what is wrong with it.
  /// - Throws: `badJob` and `noInput` when a job or its inputs cannot be had again, `interrupted`.
  package func run(observer: (_ output: String, Problem?) -> Void) throws(JobRefusal) -> Report {
    var report = Report()
    let outputs = try recordedOutputs()
    for (job, entries) in try groups() {
      let plan = try job.plan(entries, options, cancellation)
      let scans = ScanReplay(plan: plan, cancellation: cancellation)
      for (entry, scan) in zip(entries, plan.scans) {
        var problem = outputs?.problem(entry)
        if problem == nil { problem = try compare(entry, with: scan, by: scans) }
        observer(scan.shownOutput, problem)
        report.outputs += 1
        if let problem {
          if problem.kind == .earlierRule { report.earlier.append(problem) } else { report.problems.append(problem) }
        }
      }
    }
    return report
  }

  /// The outputs need not be there; one that is must be what was recorded.
  private func recordedOutputs() throws(JobRefusal) -> RecordedOutputs? {
    guard let path = options.folder, let root = try? OpenFolder(followingLinks: path) else { return nil }
    return try? RecordedOutputs(
      history, beneath: root, naming: try OutputNaming.ofOutputs(inFolderOf: "\(path)/\(ProvenanceLog.name)"))
  }

  /// The outputs of each job together, so that a grid they share is planned once.
  private func groups() throws(JobRefusal) -> [(RecordedJob, [LogHistory.Entry])] {
    var groups: [(job: RecordedJob, entries: [LogHistory.Entry])] = []
    for entry in chosen() {
      guard let run = entry.run, let digest = RecordedJob.digest(of: run) else {
        throw .badJob(["line \(entry.line): expected a run_start before it that tells its job, found none"])
      }
      if let known = groups.firstIndex(where: { $0.job.digest == digest }) {
        groups[known].entries.append(entry)
      } else {
        groups.append((try RecordedJob(digest, run, options, cancellation), [entry]))
      }
    }
    return groups.map { ($0.job, $0.entries) }
  }

  private func chosen() -> [LogHistory.Entry] {
    let all = history.inOrder
    let count = min(all.count, max(0, options.most))
    return (0..<count).map { all[$0 * all.count / count] }
  }

  private func compare(
    _ entry: LogHistory.Entry, with scan: PlannedScan, by scans: ScanReplay
  ) throws(JobRefusal) -> Problem? {
    do {
      return try scans.problem(entry, scan)
    } catch is Cancelled {
      throw .interrupted
    } catch let failure as ScanFailure {
      return Problem(.replay, line: entry.line, expected: "\(scan.shownOutput) again", found: "\(failure)")
    } catch {
      return Problem(.replay, line: entry.line, expected: "\(scan.shownOutput) again", found: "no memory for it")
    }
  }
}
