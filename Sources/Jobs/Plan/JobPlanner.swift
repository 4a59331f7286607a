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
    let folder = JobSpec.folder(of: jobFile)
    return try JobPlanner(bytes, fileName: jobFile, folder: folder, cancellation).plan(overrides, cancellation)
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
    let (found, unsearched) = ScanFinder.scans(
      beneath: input.path, links: input.links,
      selection: ScanSelection(include: spec.input.include, exclude: spec.input.exclude),
      excluding: FolderIdentity(path: output))
    guard !found.isEmpty else {
      throw .noInput(
        "\(subject("input")): no scan matched beneath \(naming.shown(root: spec.input.root, of: "input.root"))")
    }
    let names = try outputNames(of: found, naming)
    let (scans, grids) = try resolve(
      zip(found, names).map { ($0, output: $1) }, beneath: input, naming, limits, instructionSet, cancellation)
    return JobPlan(
      spec: spec, jobDigest: digest, inputRoot: input, outputRoot: output, naming: naming, limits: limits,
      instructionSet: instructionSet, scans: scans, grids: grids, unsearched: unsearched,
      warnings: (keyWarning.map { [$0] } ?? [])
        + unsearched.map { "\(subject("input")): not searched: \(naming.shown($0.path)): \($0.reason)" })
  }

  /// The plan for scans that are known, each with the name of an output that will not be written.
  ///
  /// - Throws: `badJob` for what the machine cannot do, `interrupted`.
  func planAgain(
    _ scans: [(FoundScan, output: String)], beneath input: InputRoot, _ overrides: ResourceOverrides,
    _ cancellation: Cancellation
  ) throws(JobRefusal) -> JobPlan {
    let (limits, instructionSet) = (limits(overrides), try chosenInstructionSet())
    let (planned, grids) = try resolve(scans, beneath: input, .relative, limits, instructionSet, cancellation)
    return JobPlan(
      spec: spec, jobDigest: digest, inputRoot: input, outputRoot: absolute(spec.output.root), naming: .relative,
      limits: limits, instructionSet: instructionSet, scans: planned, grids: grids, unsearched: [], warnings: [])
  }

  private func resolve(
    _ scans: [(FoundScan, output: String)], beneath input: InputRoot, _ naming: ScanNaming, _ limits: HostLimits,
    _ instructionSet: InstructionSet, _ cancellation: Cancellation
  ) throws(JobRefusal) -> ([PlannedScan], [PlannedGrid]) {
    let engine = Engine(
      workers: Workers(count: limits.threads), instructionSet: instructionSet, cancellation: cancellation)
    var grids = GridPlanner(
      filters: spec.filters, engine: engine, masks: masks,
      absentNonFinite: spec.policy.nonFinite == .ignore)
    let rooms = RoomFinder(
      budget: limits.memory, output: spec.outputForm, engine: engine,
      absentNonFinite: spec.policy.nonFinite == .ignore)
    var planned: [PlannedScan] = []
    for (scan, output) in scans {
      // The headers of a large archive take minutes on a slow disk.
      if cancellation.isCancelled { throw .interrupted }
      planned.append(self.planned(scan, output: output, input: input, naming: naming, rooms: rooms, grids: &grids))
    }
    return (planned, grids.grids)
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
  /// An output root that is the input root, or holds it, would mix what was measured with what was made.
  private func checkOutputRoot(_ output: String, _ input: InputRoot) throws(JobRefusal) {
    let resolved = resolvedPrefix(output)
    guard resolved == input.resolved || input.resolved.hasPrefix(resolved == "/" ? "/" : resolved + "/") else { return }
    let relation = resolved == input.resolved ? "the same folder as" : "a folder above"
    throw .badJob(["\(subject("output.root")): expected a folder of its own, found \(relation) input.root"])
  }

  /// One output name per scan; all that would meet in one file are told at once.
  private func outputNames(of scans: [FoundScan], _ naming: ScanNaming) throws(JobRefusal) -> [String] {
    let names = OutputNames(template: spec.output.name, format: spec.output.format)
    let outputs = scans.map { names.output(for: $0.name) }
    // What is refused already is never written, so it meets nothing.
    let planned = zip(scans, outputs).filter { $0.0.problem == nil }.map { ($0.name, $1) }
    let collisions = OutputNames.collisions(planned).map { collision in
      "\(subject("output.name")): expected one scan per output, found \(collision.scans.map(naming.shown).joined(separator: ", ")) "
        + "for \(naming.shown(collision.output))"
    }
    guard collisions.isEmpty else { throw .badJob(collisions) }
    return outputs
  }
}

// MARK: - Scans

extension JobPlanner {
  private func planned(
    _ found: FoundScan, output: String, input: InputRoot, naming: ScanNaming, rooms: RoomFinder,
    grids: inout GridPlanner
  ) -> PlannedScan {
    PlannedScan(
      name: found.name, file: found.file, output: output, shownName: naming.shown(found.name),
      shownOutput: naming.shown(output),
      content: Result { () throws(ScanFailure) in
        if let fault = OutputNames.fault(of: output) { throw fault }
        return try content(of: found, input: input, rooms: rooms, grids: &grids)
      })
  }

  private func content(
    of found: FoundScan, input: InputRoot, rooms: RoomFinder, grids: inout GridPlanner
  ) throws(ScanFailure) -> PlannedScan.Content {
    if let problem = found.problem { throw problem }
    let place = ScanPlace.beneath(root: input.descriptor, links: input.links)
    let reader = try ScanReader(found.file, in: place, leniencies: spec.policy.accept)
    if spec.filters.contains(where: \.needsSpacing) { try reader.header.requireSpacing() }
    let facts = ScanFacts(reader.header, decodingBytes: reader.scratchBytes(workers: rooms.engine.workers))
    let grid = try grids.grid(for: facts)
    return PlannedScan.Content(facts: facts, grid: grid, room: try rooms.room(for: facts, on: grids.grids[grid]))
  }
}
