import ByteStreams
import DurableIO
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
  /// How far links among the inputs may lead. Only a job that somebody gave has a say: a log may be forged.
  private let links: LinkPolicy

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
      links = options.followsLinks ? .follow : planner.spec.input.symlinks
      return
    }
    guard let bytes = Self.restated(job: try Self.job(in: run, options)) else {
      throw .badJob(["the job \(digest) names masks or weights, whose paths are not in the log: give it with --job"])
    }
    planner = try JobPlanner(bytes, fileName: "the job in the log", folder: nil, cancellation)
    ownRoot = nil
    links = options.followsLinks ? .follow : .withinRoot
  }

  /// The log's account of the job, which may be long enough to lie in a file of its own.
  private static func job(in run: JSONNode, _ options: LogReplay.Options) throws(JobRefusal) -> JSONNode? {
    guard let resolved = run["resolved"], let part = KeptPart(resolved) else { return run["resolved"] }
    guard let path = options.folder, let folder = try? OpenFolder(followingLinks: path) else { return nil }
    do {
      return try part.node(beneath: folder)
    } catch {
      throw .badJob(["the job in the log: \(error)"])
    }
  }

  /// The job of a `run_start`, when the record itself holds it.
  static func restated(_ run: JSONNode) -> [UInt8]? { restated(job: run["resolved"]) }

  /// With places that will not be looked at; nil when it lacks what was read from files. A path that a log names is not
  /// opened: who can write the log could have any file read.
  private static func restated(job: JSONNode?) -> [UInt8]? {
    guard let job, case .object(let members) = JSONOutput(job), !namesFiles(job["filters"]) else { return nil }
    let places: [String: JSONOutput] = [
      "input": .object([("root", .string("/inputs"))]),
      "output": place(members.first { $0.0 == "output" }?.1),
    ]
    let text = JSONOutput.object(members.map { ($0.0, places[$0.0] ?? $0.1) }).encoded()
    return text.contains("\"<path>\"") ? nil : Array(text.utf8)
  }

  /// Whether a filter has a key whose value is the path of a file.
  private static func namesFiles(_ filters: JSONNode?) -> Bool {
    (filters?.array ?? []).contains { filter in
      ["file", "mask", "reference"].contains { filter[$0] != nil }
    }
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
    let input = try InputRoot(path: path, links: links, subject: "inputs")
    let isHidden = entries.contains { $0.record.inputs.contains(where: \.isNameHidden) }
    let names = isHidden ? try HiddenNames(beneath: input) : nil
    let scans = entries.map { (Self.scan(of: $0.record, names, beneath: input), outputs: [$0.record.output.name]) }
    return try planner.planAgain(scans, beneath: input, options.resources, cancellation)
  }

  /// The scan of a record, which holds at least one input, the scan itself.
  private static func scan(of record: ScanRecord, _ names: HiddenNames?, beneath root: InputRoot) -> FoundScan {
    let name = record.inputs.first?.name ?? ""
    guard let names, record.inputs.first?.isNameHidden == true else {
      return FoundScan(name: name, file: root.target(of: name) ?? name)
    }
    if let path = names.path(of: name) { return FoundScan(name: name, file: path) }
    return FoundScan(
      name: name, file: name,
      problem: ScanFailure(
        .cannotOpen, .plan, "scan", expected: "a file whose name has this keyed hash", found: "none"))
  }
}

extension InputRoot {
  /// Where a link with an absolute path into the root leads, below the root; nil for everything else. A run follows such
  /// links too.
  fileprivate func target(of name: String) -> String? {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard links == .withinRoot, parts.allSatisfy({ !["", ".", ".."].contains($0) }),
      let target = resolvedPath("\(path)/\(name)"), target.hasPrefix("\(resolved)/")
    else { return nil }
    return String(target.dropFirst(resolved.count + 1))
  }
}
