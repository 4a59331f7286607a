import Filters
import StrictJSON
import Volumes

extension JobForecast {
  /// The plan with what a run would make of it, as one document, for `plan --json`.
  package var document: JSONOutput {
    let decided = zip(plan.scans, scans).map { JSONOutput.object($0.members + $1.members) }
    return .object(
      plan.members + [
        ("scans", .array(decided)), ("forecast", .object(members)),
        ("findings", .array(findings.map(\.json))),
      ])
  }
}

extension JobPlan {
  /// Scans that cannot be done whatever there is in the output tree, with the reason.
  package var refused: [(scan: PlannedScan, failure: ScanFailure)] {
    scans.compactMap { scan in
      guard case .failure(let failure) = scan.content else { return nil }
      return (scan, failure)
    }
  }

  fileprivate var members: [(String, JSONOutput)] {
    Document.plan.head + [
      ("medfilter", .string(Software.version)), ("job", .string(spec.name)),
      ("job_sha256", .string(jobDigest.hex)), ("threads", .int(limits.threads)),
      ("memory_bytes", .int(limits.memory)), ("isa", .string(instructionSet.name)),
      ("grids", .array(grids.map(\.document))), ("warnings", .array(findings.map { .string($0.detail) })),
    ]
  }
}

extension PlannedGrid {
  fileprivate var document: JSONOutput {
    .object([
      ("dims", .array(key.shape.lengths.array.map { .int($0) })),
      ("spacing_mm", .array(key.spacing.array.map { .double($0) })),
      ("computed_in", .string(double ? "float64" : "float32")), ("chain_sha256", .string(points[0].digest.hex)),
      ("passes", .int(cost.passes)), ("multiplies_per_voxel", .int(cost.multipliesPerVoxel)),
      ("filters", .array(filters.map(\.document))),
    ])
  }
}

extension PlannedFilter {
  fileprivate var document: JSONOutput {
    .object([
      ("filter", .string(name)), ("id", kernelID.map { .string($0) } ?? .null),
      ("scope", scope.map { .string($0.name) } ?? .null), ("kernel", record?.json ?? .null),
      ("findings", .array(findings.map(\.json))),
    ])
  }
}

extension PlannedScan {
  fileprivate var members: [(String, JSONOutput)] {
    let names: [(String, JSONOutput)] = [
      ("scan", .string(shownName)), ("output", .string(shownOutput)),
      ("outputs", .array(outputs.map { .string($0.shownName) })),
    ]
    guard case .success(let content) = content else { return names }
    return names + [
      ("grid", .int(content.grid)), ("frames", .int(content.facts.frames)),
      ("voxel_type", .string(content.facts.voxelType.rawValue)), ("memory_bytes", .int(content.memory)),
      ("temporary_bytes", .int(content.room.disk)), ("slab_slices", content.room.slabSlices.map { .int($0) } ?? .null),
      ("findings", .array(content.facts.findings.map(\.json))),
    ]
  }
}
