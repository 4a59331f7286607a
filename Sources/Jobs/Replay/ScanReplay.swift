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
    let wanted = record.inputs.map(\.sha256)
    let input = try digests(of: scan)
    guard input == wanted else {
      return problem(
        .inputChanged, "\(scan.shownName) with SHA-256 \(Self.text(wanted))", "SHA-256 \(Self.text(input))")
    }
    let content = try scan.content.get()
    let points = plan.grids[content.grid].points.indices
    let formers = points.flatMap { plan.formerRecipes(of: content, output: $0) }
    if let former = formers.first(where: { $0.digest == record.chain }) {
      return problem(.earlierRule, "\(scan.shownOutput) by today's rule", "it by an earlier one: \(former.change)")
    }
    // What the job saves on the way has a recipe of its own.
    guard let point = points.first(where: { plan.recipe(of: content, output: $0) == record.chain }) else {
      return problem(
        .recipe, "what makes \(scan.shownOutput): \(record.chain)", "\(plan.recipe(of: content))")
    }
    let found =
      plan.grids[content.grid].double
      ? try voxels(of: scan, content, as: Double.self, output: point)
      : try voxels(of: scan, content, as: Float.self, output: point)
    if let expected = record.output.voxels, expected == found { return nil }
    let expected = record.output.voxels?.hex ?? "none recorded"
    return problem(.voxels, "voxels of \(scan.shownOutput) with SHA-256 \(expected)", "\(found)")
  }

  /// Of the files as they are now. What the plan has against a scan that cannot be opened says more than the system does.
  private func digests(of scan: PlannedScan) throws(ScanFailure) -> [Digest] {
    do {
      var digests = try FileDigests.of(scan.file, in: plan.inputPlace)
      for companion in (try? scan.content.get())?.companions ?? [] {
        digests += try FileDigests.of(companion.path, in: .anywhere)
      }
      return digests
    } catch {
      _ = try scan.content.get()
      throw error
    }
  }

  private static func text(_ digests: [Digest]) -> String { digests.map(\.hex).joined(separator: " and ") }

  /// - Parameters:
  ///   - point: the number of the output, as the job has them.
  ///   - compressed: as the job says, for whoever wants to know how long that takes.
  ///   - tell: as for `FramePipeline.run`.
  func voxels<Scalar: ComputeScalar>(
    of scan: PlannedScan, _ content: PlannedScan.Content, as scalar: Scalar.Type, output point: Int = 0,
    compressed: Bool = false,
    telling tell: (Stage, _ frame: Int) throws(Cancelled) -> Void = { (_, _) throws(Cancelled) in }
  ) throws -> Digest {
    let reader = try plan.opened(scan, content, workers: workers)
    let output = try withoutActuallyEscaping(tell) { tell in
      let companions = OpenCompanions(content.companions, plan.spec.policy.nonFinite)
      let work = ChainWork(engine, companions: companions, spool: { try SpoolFile.anywhere() }, telling: tell)
      let chain: ChainRun<Scalar> = try plan.chainRun(of: content, work)
      let output = try DiscardedScan(
        of: reader.header, as: plan.spec.outputForm, on: plan.grid(of: point, for: content, chain.segments),
        compressed: compressed, workers: workers)
      _ = try chain.run(reader, into: plan.destinations([point], of: content, chain.segments, [output]))
      return output
    }
    _ = try reader.finish()
    return try output.writer.finish().sha256
  }
}

/// An output of which only the voxels' digest is wanted.
private struct DiscardedScan: FrameDestination {
  let header: OutputHeader
  let writer: ScanWriter

  init(
    of input: ScanHeader, as form: OutputForm, on grid: GridChange?, compressed: Bool, workers: Workers
  ) throws(ScanFailure) {
    header = try OutputHeader(of: input, as: form, on: grid)
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
