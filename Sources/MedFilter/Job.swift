import Jobs
import Parallel
import Volumes

/// A job file, resolved and ready to run, as `medfilter run` does it: streamed, recorded, safe to repeat.
public struct Job: Sendable {
  private let plan: JobPlan

  /// - Parameters:
  ///   - threads: 0 means what the job file says.
  ///   - canceller: Stops the search for scans and the planning, which can take minutes.
  /// - Throws: `E_JOB` with every error of the job file at once, `E_NO_INPUT` when no scan matched, `E_CANCELLED`.
  public init(
    contentsOf path: String, threads: Int = 0, canceller: Canceller = Canceller()
  ) throws(MedFilterError) {
    plan = try translated {
      try JobPlan.resolve(
        jobFile: path, overriding: ResourceOverrides(threads: threads > 0 ? threads : nil),
        cancellation: canceller.cancellation)
    }
  }

  /// The same from the text of a job file.
  ///
  /// - Parameters:
  ///   - json: As in a file; messages call it `job`.
  ///   - folder: Where its relative paths start.
  public init(
    json: String, relativeTo folder: String = ".", threads: Int = 0, canceller: Canceller = Canceller()
  ) throws(MedFilterError) {
    plan = try translated {
      try JobPlan.resolve(
        Array(json.utf8), fileName: "job", folder: folder,
        overriding: ResourceOverrides(threads: threads > 0 ? threads : nil), cancellation: canceller.cancellation)
    }
  }

  /// The scans of the job, relative to its input root.
  public var scans: [String] { plan.scans.map(\.name) }

  /// The progress of a run.
  public struct Progress: Sendable, Equatable {
    /// Scans that need no more work, the failed ones included.
    public let scansDone: Int
    /// All scans of the job.
    public let scans: Int
    /// The scan that was started or finished last.
    public let scan: String
    /// Whether that scan was finished rather than started.
    public let isFinished: Bool
    /// Why the scan failed, when it did.
    public let failure: String?
  }

  /// The answer of a progress callback.
  public enum Answer: Sendable { case goOn, cancel }

  /// What a run did.
  public struct Summary: Sendable, Equatable {
    /// Scans whose outputs this run published.
    public let done: Int
    /// Scans whose outputs were there already, as the log says.
    public let upToDate: Int
    /// Scans that were refused or could not be written.
    public let failed: Int
    /// Scans that were not started because the run ended early.
    public let notStarted: Int
    /// Each failed scan with its reason.
    public let failures: [String: String]
    /// Whether the run completed: it was neither cancelled nor stopped by a failing disk.
    public let isComplete: Bool
    /// The log's last head as one line, to be kept elsewhere: `medfilter verify --anchor` compares the log with it.
    public let head: String?
  }

  /// Runs the job.
  ///
  /// - Parameters:
  ///   - guards: which key signs the log's heads, and where copies of them go.
  ///   - canceller: Stops the run from another thread; after that nothing more is published.
  ///   - progress: called from the calling thread at the beginning and the end of each scan; after `.cancel` nothing
  ///     more is published. Scans that were published together are reported one after the other, also after `.cancel`.
  /// - Throws: when nothing could be started: the output root is unusable, locked, its log is broken, or a guard is
  ///   unusable.
  public func run(
    guards: LogGuards = LogGuards(), canceller: Canceller = Canceller(),
    progress: @escaping @Sendable (Progress) -> Answer = { _ in .goOn }
  ) throws(MedFilterError) -> Summary {
    let cancellation = canceller.cancellation
    let counter = ProgressCounter(scans: plan.scans.count)
    return Summary(
      try translated {
        let options = JobRun.Options(log: try guards.opened)
        let run = JobRun(plan: plan, options: options, cancellation: cancellation) { event in
          guard let step = counter.progress(event), progress(step) == .cancel else { return }
          cancellation.cancel()
        }
        return try run.run()
      })
  }
}

extension Job.Summary {
  fileprivate init(_ summary: RunSummary) {
    done = summary.done + summary.recovered
    upToDate = summary.upToDate
    failed = summary.failed
    notStarted = summary.notStarted
    isComplete = summary.ending == .finished
    head = summary.logHead?.line
    failures = summary.scans.reduce(into: [:]) { failures, scan in
      if case .failed(let failure) = scan.outcome { failures[scan.name] = "\(failure)" }
    }
  }
}

// A plan holds paths and facts of headers; whoever prints a job did not ask for them.

extension Job: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The name and how many scans there are.
  public var description: String { "Job \(plan.spec.name) with \(plan.scans.count) scans" }

  /// As `description`.
  public var debugDescription: String { description }

  /// Name and number of scans.
  public var customMirror: Mirror {
    Mirror(self, children: ["name": plan.spec.name, "scans": plan.scans.count], displayStyle: .struct)
  }
}
