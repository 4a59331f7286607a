import ByteStreams
import Filtering
import Parallel
import Provenance
import VolumeIO
import Volumes

/// Computes one scan after another again, on all lanes, and keeps nothing but digests.
struct ScanReplay {
  private let plan: JobPlan
  private let cancellation: Cancellation
  private let workers: Workers
  private let engine: Engine

  init(plan: JobPlan, cancellation: Cancellation) {
    self.plan = plan
    self.cancellation = cancellation
    workers = Workers(count: plan.limits.threads)
    engine = plan.engine(on: workers, cancellation)
  }

  /// What is wrong with a recorded output, if anything is.
  ///
  /// - Throws: `ScanFailure`, `OutOfMemory` or `Cancelled`.
  func problem(_ entry: LogHistory.Entry, _ scan: PlannedScan) throws -> Problem? {
    func problem(_ kind: Problem.Kind, _ expected: String, _ found: String) -> Problem {
      Problem(kind, line: entry.line, expected: expected, found: found)
    }
    try cancellation.check()
    let record = entry.record
    let wanted = record.inputs.filter { $0.role != "mask" }.map(\.sha256)
    let input = try digests(of: scan)
    guard input == wanted else {
      return problem(
        .inputChanged, "\(scan.shownName) with SHA-256 \(Self.text(wanted))", "SHA-256 \(Self.text(input))")
    }
    let content = try scan.content.get()
    let recipe = plan.recipe(of: content)
    if let former = plan.formerRecipes(of: content).first(where: { $0.digest == record.chain }) {
      return problem(.earlierRule, "\(scan.shownOutput) by today's rule", "it by an earlier one: \(former.change)")
    }
    guard recipe == record.chain else {
      return problem(.recipe, "what makes \(scan.shownOutput): \(record.chain)", "\(recipe)")
    }
    let found =
      plan.grids[content.grid].double
      ? try voxels(of: scan, content, as: Double.self) : try voxels(of: scan, content, as: Float.self)
    if let expected = record.output.voxels, expected == found { return nil }
    let expected = record.output.voxels?.hex ?? "none recorded"
    return problem(.voxels, "voxels of \(scan.shownOutput) with SHA-256 \(expected)", "\(found)")
  }

  /// Of the files as they are now. What the plan has against a scan that cannot be opened says more than the system does.
  private func digests(of scan: PlannedScan) throws(ScanFailure) -> [Digest] {
    do {
      return try FileDigests.of(scan.file, in: plan.inputPlace)
    } catch {
      _ = try scan.content.get()
      throw error
    }
  }

  private static func text(_ digests: [Digest]) -> String { digests.map(\.hex).joined(separator: " and ") }

  /// - Parameters:
  ///   - compressed: as the job says, for whoever wants to know how long that takes.
  ///   - tell: as for `FramePipeline.run`.
  func voxels<Scalar: ComputeScalar>(
    of scan: PlannedScan, _ content: PlannedScan.Content, as scalar: Scalar.Type, compressed: Bool = false,
    telling tell: (Stage, _ frame: Int) throws(Cancelled) -> Void = { (_, _) throws(Cancelled) in }
  ) throws -> Digest {
    let reader = try plan.opened(scan, content, workers: workers)
    let output = try DiscardedScan(
      of: reader.header, as: plan.spec.outputForm, compressed: compressed, workers: workers)
    try withoutActuallyEscaping(tell) { tell in
      let work = ChainWork(engine, spool: { try SpoolFile.anywhere() }, telling: tell)
      let chain: ChainRun<Scalar> = try plan.chainRun(of: content, work)
      _ = try chain.run(reader, into: plan.destinations(of: content, chain.segments, [output]))
    }
    _ = try reader.finish()
    return try output.writer.finish().sha256
  }
}

/// An output of which only the voxels' digest is wanted.
private struct DiscardedScan: FrameDestination {
  let header: OutputHeader
  let writer: ScanWriter

  init(of input: ScanHeader, as form: OutputForm, compressed: Bool, workers: Workers) throws(ScanFailure) {
    header = try OutputHeader(of: input, as: form)
    writer = try ScanWriter(
      header: header, format: compressed ? form.format : .nii, level: compressed ? form.level : 0, workers: workers,
      into: NoSink())
  }
}

/// Takes bytes and keeps none.
private final class NoSink: ByteSink {
  func write(_ bytes: UnsafeRawBufferPointer, leaving pieces: Int) {}
  func finish() {}
}
