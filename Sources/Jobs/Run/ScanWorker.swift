import ByteStreams
import DurableIO
import Filtering
import Parallel
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
    switch try decisions.decision(on: scan, content) {
    case .upToDate(let news): return .upToDate(news)
    case .recovered(let record): return .recovered(record)
    case .work(let work):
      return plan.grids[content.grid].double
        ? .written(try filter(scan, content, as: Double.self, work, tell))
        : .written(try filter(scan, content, as: Float.self, work, tell))
    }
  }

  private func filter<Scalar: ComputeScalar>(
    _ scan: PlannedScan, _ content: PlannedScan.Content, as scalar: Scalar.Type, _ work: Decision.Work,
    _ tell: ScansInFlight.Telling
  ) throws -> WrittenScan {
    let reader = try plan.opened(scan, content, workers: workers)
    let file = try onDisk(.write) { () throws(DurableFailure) in
      try tree.folder.pendingFile(for: scan.output, mode: reader.mode)
    }
    do {
      let output = try PendingScan(file, of: reader.header, as: plan.spec.outputForm, workers: workers)
      let result = try filter(reader, content, into: output, as: scalar, tell)
      try cancellation.check()
      return written(file, of: scan, content, reader, result, work)
    } catch {
      file.discard()
      throw error
    }
  }

  /// What was seen on a scan's way from its file to the other.
  private struct Passage {
    let input: ScanDigests
    let output: PendingScan.Stored
    let counts: VoxelCounts
    let chosen: [ChosenValue]
    let times: StageTimes
  }

  /// Takes all voxels through the chain, and makes sure of both files.
  private func filter<Scalar: ComputeScalar>(
    _ reader: ScanReader, _ content: PlannedScan.Content, into output: PendingScan, as scalar: Scalar.Type,
    _ tell: ScansInFlight.Telling
  ) throws -> Passage {
    let folder = tree.folder.statePath
    let (counts, chosen, passed) = try withoutActuallyEscaping(tell) { tell in
      let work = ChainWork(engine, spool: { try SpoolFile(in: folder) }, telling: tell)
      let chain: ChainRun<Scalar> = try plan.chainRun(of: content, work)
      let counts = try chain.run(reader, into: plan.destinations(of: content, chain.segments, [output]))
      return (counts[0], work.chosen.all, work.times)
    }
    var times = passed
    let input = try times.measure(.read) { try reader.finish() }
    try tree.history.requireNotWithdrawn(input)
    let written = try times.measure(.write) { try output.finish() }
    try tell(.publish, 1)
    let stored = try times.measure(.publish) { try output.compareWithDisk(written, cancellation: cancellation) }
    return Passage(input: input, output: stored, counts: counts, chosen: chosen, times: times)
  }

  private func written(
    _ file: PendingFile, of scan: PlannedScan, _ content: PlannedScan.Content, _ reader: ScanReader,
    _ passage: Passage, _ work: Decision.Work
  ) -> WrittenScan {
    let grid = plan.grids[content.grid]
    var report = ScanReport(name: scan.shownName, output: scan.shownOutput, outcome: .done)
    report.reason = work.reason
    let ofGrid = grid.filters.flatMap(\.findings)
    report.findings = reader.findings + (passage.counts.loss.map { [$0] } ?? []) + ofGrid
    report.gridFindings = ofGrid.count
    report.clipped = passage.counts.clipped
    report.nonFinite = passage.counts.nonFinite
    report.voxels = content.facts.voxels
    report.work = FilterWork(of: grid, voxels: content.facts.voxels)
    report.times = passage.times
    let record = OutputRecord(
      scan: scan, header: reader.header, plan: plan, grid: grid, recipe: plan.recipe(of: content),
      input: passage.input, output: passage.output, counts: passage.counts, chosen: passage.chosen, findings: report.findings,
      reason: work.reason)
    return WrittenScan(file: file, record: record, replacing: work.replacing, report: report)
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
