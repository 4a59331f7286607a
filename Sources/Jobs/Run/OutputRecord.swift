import ByteStreams
import Filtering
import Provenance
import StrictJSON
import VolumeIO
import Volumes

/// What the log says about one written output: what was read, what was done, what was written.
///
/// The same fields go into `prepared` (before the file gets its name) and, with the times, into `output` (after).
struct OutputRecord: Sendable {
  let scan: PlannedScan
  /// Which of the scan's outputs it is.
  let number: Int
  let header: ScanHeader
  let plan: JobPlan
  let grid: PlannedGrid
  let recipe: Digest
  let input: ScanDigests
  let companions: [CompanionDigests]
  let output: PendingScan.Stored
  let counts: VoxelCounts
  /// Numbers that operations chose from the voxels.
  let chosen: [ChosenValue]
  let findings: [Finding]
  let reason: Decision.Reason

  var planned: PlannedOutput { scan.outputs[number] }

  /// What `prepared` and `output` have in common: enough to recognise the file after a crash.
  var core: ScanRecord {
    ScanRecord(
      inputs: input.recorded(as: scan.shownName, naming: plan.naming)
        + companions.flatMap { $0.recorded(naming: plan.naming) },
      output: RecordedFile(
        name: planned.shownName, sha256: output.sha256, bytes: output.bytes, voxels: output.voxels.sha256),
      chain: recipe)
  }

  private var extensions: JSONOutput {
    let kept = plan.spec.policy.retention.kept(of: header.extensions).count
    return .object([("kept", .int(kept)), ("dropped", .int(header.extensions.count - kept))])
  }

  /// The leniencies of the job without which this scan would have been refused, or might have been.
  private var accepted: JSONOutput {
    let codes = Set(findings.map(\.code))
    let used = plan.spec.policy.accept.filter { codes.contains($0.findingCode) }
    return .array(used.map(\.rawValue).sorted().map { .string($0) })
  }

  /// All that `output` tells.
  ///
  /// - Parameter published: how the output looks under its name.
  func fields(_ times: StageTimes, _ published: FileFacts?) -> [(String, JSONOutput)] {
    let stat = RecordedStat(
      inputs: (input.files + companions.flatMap(\.digests.files)).map { $0.facts.map(plan.naming.shown) },
      output: published.map(plan.naming.shown))
    let wanted = plan.spec.output
    return core.fields + [
      ("recovered", .bool(false)), ("reason", .string(reason.name)),
      ("chain", .array(grid.filters.map { .string($0.kernelID ?? $0.name) })),
      ("computed_in", .string(grid.double ? "float64" : "float32")),
      ("dims", .array(header.dims.map { .int($0) })), ("spacing_mm", .array(header.spacing.array.map { .double($0) })),
      ("in_format", .string("nifti\(header.version.rawValue)")), ("in_voxel_type", .string(header.voxelType.rawValue)),
      ("slope", .double(header.scaling.slope)), ("intercept", .double(header.scaling.intercept)),
      ("out_format", .string(wanted.format.rawValue)), ("level", .int(wanted.level)),
      ("out_voxel_type", .string(wanted.voxelType.resolved(for: header.voxelType).rawValue)),
      ("extensions", extensions), ("accepted", accepted), ("findings", .array(findings.map(\.json))),
      ("clipped", .int(counts.clipped)),
      ("non_finite_in", .int(counts.nonFinite)), ("non_finite_out", .int(counts.nonFiniteOut)),
    ] + (chosen.isEmpty ? [] : [("chosen", .array(chosen.map(\.json)))]) + [
      ("read_back", .string("equal")), ("stat", stat.json), ("seconds", times.json),
    ]
  }
}

extension CompanionDigests {
  /// As the log names them, by what the second scan was read for.
  func recorded(naming: ScanNaming) -> [RecordedFile] {
    digests.files.map { file in
      RecordedFile(
        role: planned.companion.role.rawValue, name: naming.shown(planned.name), sha256: file.sha256, bytes: file.bytes,
        voxels: file.part == .header ? nil : digests.voxels.sha256)
    }
  }
}

extension ScanDigests {
  /// As the log names them; a pair's header, which the scan is known by, comes before its image, which has the voxels.
  func recorded(as name: String, naming: ScanNaming) -> [RecordedFile] {
    files.map { file in
      RecordedFile(
        role: file.part == .header ? "header" : "image",
        name: file.part == .image ? naming.shown(file.name.path) : name, sha256: file.sha256, bytes: file.bytes,
        voxels: file.part == .header ? nil : voxels.sha256)
    }
  }
}

extension ChosenValue {
  fileprivate var json: JSONOutput {
    .object(
      [("filter", .string(filter)), ("name", .string(name))] + (frame.map { [("frame", .int($0))] } ?? [])
        + [("value", .double(value))])
  }
}
