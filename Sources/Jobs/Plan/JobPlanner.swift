import ByteStreams
import Filtering
import Filters
import Parallel
import VolumeIO
import Volumes

extension JobPlan {
  /// Reads a job file and resolves it.
  ///
  /// - Throws: `badJob` with every error of the file, `noInput` when nothing matches, `interrupted`.
  package static func resolve(
    jobFile: String, overriding overrides: ResourceOverrides = ResourceOverrides(),
    cancellation: Cancellation = Cancellation()
  ) throws(JobRefusal) -> JobPlan {
    guard let bytes = SmallFile.read(jobFile, limit: JobSpec.longest) else {
      throw .badJob(["\(jobFile): \(SmallFile.objection(to: jobFile, as: "a job file"))"])
    }
    return try resolve(
      bytes, fileName: jobFile, folder: JobSpec.folder(of: jobFile), overriding: overrides, cancellation: cancellation)
  }

  /// The same for the text of a job that is in memory.
  ///
  /// - Parameters:
  ///   - fileName: What messages call the job.
  ///   - folder: Where its relative paths start.
  package static func resolve(
    _ bytes: [UInt8], fileName: String, folder: String, overriding overrides: ResourceOverrides,
    cancellation: Cancellation
  ) throws(JobRefusal) -> JobPlan {
    try JobPlanner(bytes, fileName: fileName, folder: folder, cancellation).plan(overrides, cancellation)
  }
}

/// Resolves one job, step by step; everything that the job and the headers alone can get wrong is found here.
struct JobPlanner {
  let spec: JobSpec
  private let digest: Digest
  private let fileName: String
  /// Where relative paths start; `nil` for a job out of a log, which opens no file that it names.
  private let folder: String?
  private let masks: MaskLoader

  init(
    _ bytes: [UInt8], fileName: String, folder: String?, _ cancellation: Cancellation
  ) throws(JobRefusal) {
    let files = FilesBesideJob(folder: folder)
    spec = try JobSpec.decode(bytes, fileName: fileName, in: files.surroundings(cancellation))
    masks = files.masks
    self.digest = SHA256.digest(of: bytes)
    self.fileName = fileName
    self.folder = folder
  }

  func plan(_ overrides: ResourceOverrides, _ cancellation: Cancellation) throws(JobRefusal) -> JobPlan {
    let (naming, keyWarning) = spec.policy.names == .hmac ? try ScanNaming.keyed() : (.relative, nil)
    let limits = limits(overrides)
    try ProcessLimits.require(threads: limits.threads)
    let instructionSet = try chosenInstructionSet()
    let input = try InputRoot(
      path: absolute(spec.input.root), links: spec.input.symlinks, subject: subject("input.root"))
    let output = absolute(spec.output.root)
    try checkOutputRoot(output, input)
    let found = try ScanFinder.scans(
      beneath: input.path, links: input.links,
      selection: ScanSelection(include: spec.input.include, exclude: spec.input.exclude),
      excluding: FolderIdentity(path: output), cancellation: cancellation)
    let beside = CompanionPaths(spec.filters.flatMap(\.scansBeside), root: input.path, folder: folder)
    let measured = MeasuredFiles(found, beside: beside.all(for: found.scans.map(\.name)))
    let planned = try outputs(of: found, measured, naming)
    let (scans, grids) = try resolve(planned, beneath: input, naming, limits, instructionSet, cancellation)
    return JobPlan(
      spec: spec, jobDigest: digest, inputRoot: input, outputRoot: output, naming: naming, limits: limits,
      instructionSet: instructionSet, scans: scans, grids: grids,
      findings: (keyWarning.map { [Finding("names-key-open", $0)] } ?? []) + findings(about: found, naming),
      foundPaths: found.remarks.compactMap(\.path), measured: measured)
  }

  /// The plan for scans that are known, each with the name of an output that will not be written.
  ///
  /// - Throws: `badJob` for what the machine cannot do, `interrupted`.
  func planAgain(
    _ scans: [(FoundScan, outputs: [String])], beneath input: InputRoot, _ overrides: ResourceOverrides,
    _ cancellation: Cancellation
  ) throws(JobRefusal) -> JobPlan {
    let (limits, instructionSet) = (limits(overrides), try chosenInstructionSet())
    let (planned, grids) = try resolve(scans, beneath: input, .relative, limits, instructionSet, cancellation)
    return JobPlan(
      spec: spec, jobDigest: digest, inputRoot: input, outputRoot: absolute(spec.output.root), naming: .relative,
      limits: limits, instructionSet: instructionSet, scans: planned, grids: grids, findings: [], foundPaths: [],
      measured: MeasuredFiles())
  }

  private func resolve(
    _ scans: [(FoundScan, outputs: [String])], beneath input: InputRoot, _ naming: ScanNaming, _ limits: HostLimits,
    _ instructionSet: InstructionSet, _ cancellation: Cancellation
  ) throws(JobRefusal) -> ([PlannedScan], [PlannedGrid]) {
    let engine = Engine(
      workers: Workers(count: limits.threads), instructionSet: instructionSet, cancellation: cancellation,
      absentNonFinite: spec.policy.nonFinite == .ignore)
    var grids = GridPlanner(filters: spec.filters, engine: engine, masks: masks)
    let rooms = RoomFinder(budget: limits.memory, output: spec.outputForm, engine: engine)
    var planned: [PlannedScan] = []
    for (scan, outputs) in scans {
      // The headers of a large archive take minutes on a slow disk.
      if cancellation.isCancelled { throw .interrupted }
      planned.append(self.planned(scan, outputs: outputs, input: input, naming: naming, rooms: rooms, grids: &grids))
    }
    return (planned, grids.grids)
  }

  /// For whoever lost a mount: that there were scans before.
  private var recordedScans: String {
    let count = PastRuns(at: absolute(spec.output.root)).outputs(ofJob: spec.name)
    return count > 0 ? "; the log records \(count) of this job: is the archive mounted?" : ""
  }

  private func subject(_ key: String) -> String { "\(fileName): \(key)" }

  private func absolute(_ path: String) -> String { resolved(path, in: folder ?? ".") }

  private func limits(_ overrides: ResourceOverrides) -> HostLimits {
    HostLimits.current().asked(
      threads: overrides.threads ?? spec.resources.threads,
      memory: overrides.memory ?? spec.resources.memoryBytes)
  }

  private func chosenInstructionSet() throws(JobRefusal) -> InstructionSet {
    do throws(UnknownInstructionSet) {
      return try InstructionSet.chosen()
    } catch {
      throw .badJob(["\(error)"])
    }
  }
}

// MARK: - Places and names

extension JobPlanner {
  /// An output root that is the input root, or holds it, would mix what was measured with what was made. Told by text where
  /// there is no such folder yet, and by identity where another mount leads to the same one.
  private func checkOutputRoot(_ output: String, _ input: InputRoot) throws(JobRefusal) {
    let resolved = resolvedPrefix(output)
    let identity = FolderIdentity(path: output)
    let isSame = resolved == input.resolved || identity.map { $0 == FolderIdentity(path: input.resolved) } ?? false
    let isAbove =
      input.resolved.hasPrefix(resolved == "/" ? "/" : resolved + "/")
      || identity.map { folder in foldersAbove(input.resolved).contains { FolderIdentity(path: $0) == folder } }
        ?? false
    guard isSame || isAbove else { return }
    let relation = isSame ? "the same folder as" : "a folder above"
    throw .badJob(["\(subject("output.root")): expected a folder of its own, found \(relation) input.root"])
  }

  private func foldersAbove(_ path: String) -> [String] {
    let parts = path.split(separator: "/")
    return parts.indices.map { "/" + parts[..<$0].joined(separator: "/") }
  }

  /// Each scan with the name of its output, or with what speaks against that.
  private func outputs(
    of found: FoundScans, _ measured: MeasuredFiles, _ naming: ScanNaming
  ) throws(JobRefusal) -> [(FoundScan, outputs: [String])] {
    let advice = PatternAdvice(paths: found.seen)
    guard !found.scans.isEmpty else {
      let place = naming.shown(root: spec.input.root, of: "input.root")
      let details = naming.isHidden ? "" : "; \(advice.nothingMatched(found.selection))"
      throw .noInput("\(subject("input")): no scan matched beneath \(place)\(details)\(recordedScans)")
    }
    let templates = spec.outputTemplates.map { OutputNames(template: $0, format: spec.output.format) }
    let outputs = found.scans.map { scan in
      Result { () throws(ScanFailure) in
        try templates.map { (names) throws(ScanFailure) in try names.output(for: scan.name) }
      }
    }
    // What is refused already is never written, so it meets nothing.
    let writable = zip(found.scans, outputs).filter { $0.0.problem == nil }.flatMap { scan, outputs in
      ((try? outputs.get()) ?? []).map { (scan.name, $0) }
    }
    let clashes = OutputNames.collisions(writable).reduce(into: [String: OutputNames.Collision]()) { clashes, clash in
      clash.scans.forEach { clashes[$0] = clash }
    }
    var places = OutputPlaces(beneath: absolute(spec.output.root), apartFrom: measured)
    return zip(found.scans, outputs).map { scan, filled in
      var problem = scan.problem ?? clashes[scan.name]?.failure(of: scan.name, naming)
      // Without a name of its own, it is known by the one that it would have without placeholders.
      var outputs = [scan.name]
      switch filled {
      case .success(let names): outputs = names
      case .failure(let failure): problem = problem ?? failure
      }
      for output in outputs where problem == nil { problem = places.objection(to: output) }
      return (FoundScan(name: scan.name, file: scan.file, problem: problem), outputs: outputs)
    }
  }

  private func findings(about found: FoundScans, _ naming: ScanNaming) -> [Finding] {
    let remarks = found.remarks.map { remark in
      let place = remark.path.map { "not searched: \(naming.shown($0)): " } ?? ""
      return Finding(remark.code, "input: \(place)\(remark.sentence)")
    }
    return remarks + PatternAdvice(paths: found.seen).findings(found.selection, isHidden: naming.isHidden)
  }
}

// MARK: - Scans

extension JobPlanner {
  private func planned(
    _ found: FoundScan, outputs: [String], input: InputRoot, naming: ScanNaming, rooms: RoomFinder,
    grids: inout GridPlanner
  ) -> PlannedScan {
    PlannedScan(
      name: found.name, file: found.file, shownName: naming.shown(found.name),
      outputs: outputs.map { PlannedOutput(name: $0, shownName: naming.shown($0)) },
      content: Result { () throws(ScanFailure) in
        if let fault = outputs.lazy.compactMap(OutputNames.fault).first { throw fault }
        return try content(of: found, input: input, rooms: rooms, grids: &grids)
      })
  }

  private func content(
    of found: FoundScan, input: InputRoot, rooms: RoomFinder, grids: inout GridPlanner
  ) throws(ScanFailure) -> PlannedScan.Content {
    if let problem = found.problem { throw problem }
    let place = ScanPlace.beneath(root: input.descriptor, links: input.links)
    let reader = try ScanReader(found.file, in: place, leniencies: spec.policy.accept, headers: spec.policy.headers)
    if spec.filters.contains(where: { !$0.scansBeside.isEmpty }) { try reader.header.requireAffine() }
    if spec.filters.contains(where: \.needsSpacing) { try reader.header.requireSpacing() }
    let facts = ScanFacts(reader, workers: rooms.engine.workers)
    let companions = try CompanionPaths(spec.filters.flatMap(\.scansBeside), root: input.path, folder: folder)
      .companions(of: found.name)
    let grid = try grids.grid(for: facts, double: companions.contains(where: \.needsDouble))
    return try rooms.content(facts, companions, on: grids.grids[grid], at: grid)
  }
}
