import ByteStreams
import Parallel
import Provenance
import StrictJSON
import VolumeIO
import Volumes

/// A job that a log tells of, made into one that can be planned again.
struct RecordedJob {
  /// Of the job file's bytes.
  let digest: Digest
  private let planner: JobPlanner
  /// Where the job itself says that its inputs are; nil when only the log is there to ask.
  private let ownRoot: String?

  static func digest(of run: JSONNode) -> Digest? { run["job_sha256"]?.string.flatMap(Digest.init(hex:)) }

  /// - Parameter run: the `run_start` record.
  init(
    _ digest: Digest, _ run: JSONNode, _ options: LogReplay.Options, _ cancellation: Cancellation
  ) throws(JobRefusal) {
    self.digest = digest
    for path in options.jobs {
      guard let bytes = SmallFile.read(path, limit: JobSpec.longest) else {
        throw .badJob(["\(path): \(SmallFile.objection(to: path, as: "a job file"))"])
      }
      guard SHA256.digest(of: bytes) == digest else { continue }
      let folder = JobSpec.folder(of: path)
      planner = try JobPlanner(bytes, fileName: path, folder: folder, cancellation)
      ownRoot = resolved(planner.spec.input.root, in: folder)
      return
    }
    guard let bytes = Self.restated(run) else {
      throw .badJob(["the job \(digest) names masks or weights, whose paths are not in the log: give it with --job"])
    }
    planner = try JobPlanner(bytes, fileName: "the job in the log", folder: ".", cancellation)
    ownRoot = nil
  }

  /// The log's account of the job, with places that will not be looked at; nil when it lacks what was read from files.
  static func restated(_ run: JSONNode) -> [UInt8]? {
    guard let resolved = run["resolved"], case .object(let members) = JSONOutput(resolved) else { return nil }
    let places: [String: JSONOutput] = [
      "input": .object([("root", .string("/inputs"))]),
      "output": place(members.first { $0.0 == "output" }?.1),
    ]
    let job = JSONOutput.object(members.map { ($0.0, places[$0.0] ?? $0.1) }).encoded()
    return job.contains("\"<path>\"") ? nil : Array(job.utf8)
  }

  private static func place(_ output: JSONOutput?) -> JSONOutput {
    guard case .object(let members) = output else { return .null }
    return .object(members.filter { $0.0 != "root" && $0.0 != "name" } + [("root", .string("/outputs"))])
  }

  /// A plan whose scans are those of the entries, in their order.
  func plan(
    _ entries: [LogHistory.Entry], _ options: LogReplay.Options, _ cancellation: Cancellation
  ) throws(JobRefusal) -> JobPlan {
    guard let path = options.inputRoot ?? ownRoot else {
      throw .badJob(["expected --inputs, the folder that the recorded scans lie in, or --job, found neither"])
    }
    // Links may lead anywhere, as the job may have let them: what is read must have the recorded digests.
    let input = try InputRoot(path: path, links: .follow, subject: "inputs")
    let isHidden = entries.contains { $0.record.inputs.contains(where: \.isNameHidden) }
    let names = isHidden ? try HiddenNames(beneath: input) : nil
    let scans = entries.map { (Self.scan(of: $0.record, names), output: $0.record.output.name) }
    return try planner.planAgain(scans, beneath: input, options.resources, cancellation)
  }

  /// The scan of a record, which holds at least one input, the scan itself.
  private static func scan(of record: ScanRecord, _ names: HiddenNames?) -> FoundScan {
    let name = record.inputs.first?.name ?? ""
    guard let names, record.inputs.first?.isNameHidden == true else { return FoundScan(name: name, file: name) }
    if let path = names.path(of: name) { return FoundScan(name: name, file: path) }
    return FoundScan(
      name: name, file: name,
      problem: ScanFailure(
        .cannotOpen, .plan, "scan", expected: "a file whose name has this keyed hash", found: "none"))
  }
}
