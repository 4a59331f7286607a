import Filters
import StrictJSON
import Volumes

extension JobPlan {
  /// Scans that cannot be done, with the reason.
  package var refused: [(scan: PlannedScan, failure: ScanFailure)] {
    scans.compactMap { scan in
      guard case .failure(let failure) = scan.content else { return nil }
      return (scan, failure)
    }
  }

  /// The plan as one document, for `plan --json`.
  package var document: JSONOutput {
    .object([
      ("medfilter", .string(Software.version)), ("job", .string(spec.name)),
      ("job_sha256", .string(jobDigest.hex)), ("threads", .int(limits.threads)),
      ("memory_bytes", .int(limits.memory)), ("isa", .string(instructionSet.name)),
      ("grids", .array(grids.map(\.document))), ("scans", .array(scans.map(\.document))),
      ("findings", .array(findings.map(\.json))),
      ("warnings", .array(findings.map { .string($0.detail) })),
    ])
  }
}

extension PlannedGrid {
  fileprivate var document: JSONOutput {
    .object([
      ("dims", .array(key.shape.lengths.array.map { .int($0) })),
      ("spacing_mm", .array(key.spacing.array.map { .double($0) })),
      ("computed_in", .string(double ? "float64" : "float32")), ("chain_sha256", .string(digest.hex)),
      ("passes", .int(cost.passes)), ("multiplies_per_voxel", .int(cost.multipliesPerVoxel)),
      ("filters", .array(filters.map(\.document))),
    ])
  }
}

extension PlannedFilter {
  fileprivate var document: JSONOutput {
    .object([
      ("filter", .string(name)), ("id", kernelID.map { .string($0) } ?? .null), ("kernel", record?.json ?? .null),
      ("findings", .array(findings.map(\.json))),
    ])
  }
}

extension PlannedScan {
  fileprivate var document: JSONOutput {
    let names: [(String, JSONOutput)] = [("scan", .string(shownName)), ("output", .string(shownOutput))]
    switch content {
    case .failure(let failure): return .object(names + failure.members)
    case .success(let content):
      return .object(
        names + [
          ("grid", .int(content.grid)), ("frames", .int(content.facts.frames)),
          ("voxel_type", .string(content.facts.voxelType.rawValue)), ("memory_bytes", .int(content.memory)),
          ("slab_slices", content.room.slabSlices.map { .int($0) } ?? .null),
          ("findings", .array(content.facts.findings.map(\.json))),
        ])
    }
  }
}
