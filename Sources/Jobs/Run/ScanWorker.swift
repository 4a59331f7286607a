import ByteStreams
import DurableIO
import Filtering
import Parallel
import Provenance
import VolumeIO
import Volumes

/// Takes one scan all the way: finds out whether there is work, reads, filters, writes, reads back; then publishes and
/// records.
struct ScanWorker {
  let plan: JobPlan
  let tree: OutputTree
  let decisions: Decisions
  let cancellation: Cancellation
  let workers: Workers
  private let engine: Engine

  init(tree: OutputTree, decisions: Decisions, cancellation: Cancellation) {
    plan = decisions.plan
    self.tree = tree
    self.decisions = decisions
    self.cancellation = cancellation
    workers = Workers(count: plan.limits.threads)
    engine = plan.engine(on: workers, cancellation)
  }

  /// All that can be done before the scan's turn, from any thread: the log is not touched, and no file gets its name.
  ///
  /// - Throws: `ScanFailure`, `OutOfMemory` or `Cancelled` for this scan alone; anything else is a failure of the disk.
  func prepare(_ scan: PlannedScan, telling tell: ScansInFlight.Telling) throws -> PreparedScan {
    try cancellation.check()
    let content = try scan.content.get()
    let decided = try decisions.decisions(on: scan, content)
    guard decided.contains(where: \.isWork) else { return there(scan, decided) }
    return plan.grids[content.grid].double
      ? try filter(scan, content, as: Double.self, decided, tell)
      : try filter(scan, content, as: Float.self, decided, tell)
  }

  /// All outputs are there.
  private func there(_ scan: PlannedScan, _ decided: [Decision]) -> PreparedScan {
    let recovered = decided.compactMap(\.recovered)
    let outcome = recovered.isEmpty ? ScanReport.Outcome.upToDate : .recovered
    return PreparedScan(
      unchanged: unchanged(scan, decided), recovered: recovered, written: [],
      report: ScanReport(name: scan.shownName, output: scan.shownOutput, outcome: outcome))
  }

  private func unchanged(_ scan: PlannedScan, _ decided: [Decision]) -> [(output: PlannedOutput, stat: RecordedStat)] {
    zip(scan.outputs, decided).compactMap { output, decision in decision.news.map { (output, $0) } }
  }

  /// Makes the outputs that are to be made; the others stay as they are.
  private func filter<Scalar: ComputeScalar>(
    _ scan: PlannedScan, _ content: PlannedScan.Content, as scalar: Scalar.Type, _ decided: [Decision],
    _ tell: ScansInFlight.Telling
  ) throws -> PreparedScan {
    let wanted = scan.outputs.indices.filter { decided[$0].isWork }
    let reader = try plan.opened(scan, content, workers: workers)
    var files: [PendingFile] = []
    do {
      for number in wanted { files.append(try pendingFile(for: scan.outputs[number], of: reader)) }
      let passage = try pass(reader, content, to: wanted, in: files, as: scalar, tell)
      try cancellation.check()
      return prepared(scan, content, reader, passage, files, decided)
    } catch {
      files.forEach { $0.discard() }
      throw error
    }
  }

  private func pendingFile(for output: PlannedOutput, of reader: ScanReader) throws -> PendingFile {
    try onDisk(.write) { () throws(DurableFailure) in
      try tree.folder.pendingFile(for: output.name, mode: reader.mode)
    }
  }

  /// What was seen on a scan's way from its file to the others.
  private struct Passage {
    /// Numbers of the outputs that were written.
    let wanted: [Int]
    let input: ScanDigests
    let companions: [CompanionDigests]
    let outputs: [PendingScan.Stored]
    let counts: [VoxelCounts]
    let chosen: [ChosenValue]
    let times: StageTimes
  }

  /// Takes all voxels through the chain, and makes sure of all files.
  private func pass<Scalar: ComputeScalar>(
    _ reader: ScanReader, _ content: PlannedScan.Content, to wanted: [Int], in files: [PendingFile],
    as scalar: Scalar.Type, _ tell: ScansInFlight.Telling
  ) throws -> Passage {
    try withoutActuallyEscaping(tell) { tell in
      let folder = tree.folder.statePath
      let companions = OpenCompanions(content.companions, plan.spec.policy.nonFinite)
      let work = ChainWork(engine, companions: companions, spool: { try SpoolFile(in: folder) }, telling: tell)
      let chain: ChainRun<Scalar> = try plan.chainRun(of: content, work)
      let outputs = try zip(wanted, files).map { number, file in
        try PendingScan(
          file, of: reader.header, as: plan.spec.outputForm, on: plan.grid(of: number, for: content, chain.segments),
          workers: workers)
      }
      let counts = try chain.run(reader, into: plan.destinations(wanted, of: content, chain.segments, outputs))
      let input = try work.measure(.read) { try reader.finish() }
      let beside = try work.measure(.read) { try companions.finish(content.companions) }
      try tree.history.requireNotWithdrawn(input)
      let written = try work.measure(.write) { try outputs.map { try $0.finish() } }
      try tell(.publish, 1)
      let stored = try work.measure(.publish) {
        try zip(outputs, written).map { try $0.compareWithDisk($1, cancellation: cancellation) }
      }
      return Passage(
        wanted: wanted, input: input, companions: beside, outputs: stored, counts: counts, chosen: work.chosen.all,
        times: work.times)
    }
  }

  private func prepared(
    _ scan: PlannedScan, _ content: PlannedScan.Content, _ reader: ScanReader, _ passage: Passage,
    _ files: [PendingFile], _ decided: [Decision]
  ) -> PreparedScan {
    let grid = plan.grids[content.grid]
    let report = report(on: scan, content, reader, passage, decided)
    let written = passage.wanted.indices.map { index in
      let number = passage.wanted[index]
      let work = decided[number].work
      let record = OutputRecord(
        scan: scan, number: number, header: reader.header, plan: plan, grid: grid,
        recipe: plan.recipe(of: content, output: number), input: passage.input, companions: passage.companions,
        output: passage.outputs[index],
        counts: passage.counts[index], chosen: passage.chosen, findings: report.findings,
        reason: work?.reason ?? .new)
      return WrittenOutput(file: files[index], record: record, replacing: work?.replacing ?? false)
    }
    return PreparedScan(
      unchanged: unchanged(scan, decided), recovered: decided.compactMap(\.recovered), written: written, report: report)
  }

  private func report(
    on scan: PlannedScan, _ content: PlannedScan.Content, _ reader: ScanReader, _ passage: Passage,
    _ decided: [Decision]
  ) -> ScanReport {
    let grid = plan.grids[content.grid]
    let first = passage.wanted.first ?? 0
    var report = ScanReport(name: scan.shownName, output: scan.outputs[first].shownName, outcome: .done)
    report.outputs = passage.wanted.map { scan.outputs[$0].shownName }
    report.reason = decided[first].work?.reason
    let ofGrid = grid.filters.flatMap(\.findings)
    report.findings = reader.findings + passage.counts.compactMap(\.loss) + ofGrid
    report.gridFindings = ofGrid.count
    report.clipped = passage.counts.reduce(0) { $0 + $1.clipped }
    report.nonFinite = passage.counts.first?.nonFinite ?? 0
    report.voxels = content.facts.voxels
    report.work = FilterWork(of: grid, voxels: content.facts.voxels)
    report.times = passage.times
    return report
  }
}

extension JobPlan {
  /// A scan, opened again, that is still what it was planned as.
  func opened(
    _ scan: PlannedScan, _ content: PlannedScan.Content, workers: Workers
  ) throws(ScanFailure) -> ScanReader {
    let reader = try ScanReader(
      scan.file, in: inputPlace, leniencies: spec.policy.accept, headers: spec.policy.headers,
      workers: workers)
    // The header was planned with some time ago; voxels of another grid would meet the wrong chain.
    guard reader.header.shape == content.facts.shape, reader.header.frames == content.facts.frames,
      reader.header.voxelType == content.facts.voxelType, reader.header.spacing == content.facts.spacing
    else { throw ScanFailure.changedSincePlanning }
    return reader
  }
}

extension ScanFailure {
  static var changedSincePlanning: ScanFailure {
    ScanFailure(
      .changedWhileRead, .open, "header", expected: "what it was when the job was planned",
      found: "another grid or type",
      advice: "run the job again once nobody writes to the scan")
  }
}
