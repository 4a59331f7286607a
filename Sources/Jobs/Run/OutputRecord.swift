import Filtering
import Provenance
import StrictJSON
import Volumes
import VolumeIO

/// What the log says about one written output: what was read, what was done, what was written.
///
/// The same fields go into `prepared` (before the file gets its name) and, with the times, into `output` (after).
struct OutputRecord {
  let scan: PlannedScan
  let header: ScanHeader
  let plan: JobPlan
  let grid: PlannedGrid
  let recipe: String
  let input: ScanDigests
  let output: PendingScan.Written
  let counts: VoxelCounts
  let findings: [Finding]

  /// What `prepared` and `output` have in common: enough to recognise the file after a crash.
  var identity: [(String, JSONOutput)] {
    [
      ("scan", .string(scan.shownName)), ("recipe", .string(recipe)),
      ("input", .object([("sha256", .string(input.fingerprint))])),
      ("output", .object([("name", .string(scan.shownOutput)), ("sha256", .string(output.sha256.hex))])),
    ]
  }

  func fields(_ times: StageTimes) -> [(String, JSONOutput)] {
    [
      ("scan", .string(scan.shownName)), ("recipe", .string(recipe)), ("recovered", .bool(false)),
      ("input", .object(inputFields)), ("output", .object(outputFields)),
      ("dims", .array(header.dims.map { .int($0) })), ("spacing_mm", .array(header.spacing.array.map { .double($0) })),
      ("chain", .array(grid.filters.map { .string($0.kernelID ?? $0.name) })),
      ("computed_in", .string(grid.key.double ? "float64" : "float32")),
      ("findings", .array(findings.map(\.json))), ("clipped", .int(counts.clipped)),
      ("non_finite_in", .int(counts.nonFinite)), ("non_finite_out", .int(counts.nonFiniteOut)),
      ("read_back", .string("equal")), ("seconds", times.json),
    ]
  }

  private var inputFields: [(String, JSONOutput)] {
    [
      ("sha256", .string(input.fingerprint)),
      ("files", .array(input.files.map(\.json))),
      ("voxels", input.voxels.json),
      ("format", .string("nifti\(header.version.rawValue)")), ("voxel_type", .string(header.voxelType.rawValue)),
      ("slope", .double(header.scaling.slope)), ("intercept", .double(header.scaling.intercept)),
    ]
  }

  private var outputFields: [(String, JSONOutput)] {
    let wanted = plan.spec.output
    return [
      ("name", .string(scan.shownOutput)), ("sha256", .string(output.sha256.hex)), ("bytes", .int(output.bytes)),
      ("voxels", output.voxels.json), ("format", .string(wanted.format.rawValue)), ("level", .int(wanted.level)),
      ("voxel_type", .string(wanted.voxelType.resolved(for: header.voxelType).rawValue)),
    ]
  }
}

extension ScanDigests {
  /// One text for one file or a pair: the digests of the files, joined by `+`.
  var fingerprint: String { files.map(\.sha256.hex).joined(separator: "+") }
}

extension ScanDigests.File {
  var json: JSONOutput {
    .object([("part", .string(part.rawValue)), ("sha256", .string(sha256.hex)), ("bytes", .int(bytes))])
  }
}

extension VoxelDigest {
  var json: JSONOutput {
    .object([
      ("algorithm", .string(Self.algorithm)), ("digest", .string(sha256.hex)), ("bytes", .int(bytes)),
    ])
  }
}
