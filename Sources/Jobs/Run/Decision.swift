import ByteStreams
import DurableIO
import Provenance
import VolumeIO
import Volumes

/// What is to be done about a scan, given what is in the output tree already.
enum Decision {
  case upToDate
  /// An interrupted run had finished the file and not said so.
  case recovered(ScanRecord)
  case work(replacing: Bool)
}

extension OutputTree {
  /// Compares the log's last word on an output with the files as they are now.
  ///
  /// - Throws: `E_OUT_EXISTS` when the name is taken by something that may not be replaced.
  func decide(_ scan: PlannedScan, recipe: Digest, plan: JobPlan, force: Bool) throws -> Decision {
    let found = try onDisk(.plan) { () throws(DurableFailure) in try folder.digest(of: scan.output) }
    guard let found else { return .work(replacing: false) }
    let mayReplace = plan.spec.output.onExists == .replace
    let (known, wasAnnounced) = record(of: scan, matching: found)
    guard let known else {
      guard mayReplace else { throw ScanFailure.outputExists }
      return .work(replacing: true)
    }
    // Ours, by another recipe: the user may still want it. By this one, from an input that has changed: made again.
    let isSameRecipe = known.chain == recipe
    if force || !isSameRecipe && mayReplace { return .work(replacing: true) }
    guard isSameRecipe else { throw ScanFailure.outputExists }
    let isSameInput = try known.inputs.map(\.sha256) == FileDigests.of(scan.file, in: plan.inputPlace)
    guard isSameInput else { return .work(replacing: true) }
    return wasAnnounced ? .recovered(known) : .upToDate
  }

  /// The log's record of exactly this file, and whether that is only the announcement of an interrupted run.
  private func record(of scan: PlannedScan, matching found: Digest) -> (ScanRecord?, wasAnnounced: Bool) {
    if let prepared = history.prepared[scan.shownOutput]?.record, prepared.output.sha256 == found {
      return (prepared, true)
    }
    let last = history.outputs[scan.shownOutput]?.record
    return (last?.output.sha256 == found ? last : nil, false)
  }
}

extension OutputFolder {
  /// Of the file at a path below the root; `nil` when there is nothing.
  ///
  /// - Throws: `EISDIR`, `ELOOP` and their like when something else than a file is there.
  fileprivate func digest(of path: String) throws(DurableFailure) -> Digest? {
    do throws(DurableFailure) {
      var hash = SHA256()
      try root.file(at: path).forEachPiece { piece in
        hash.update(piece)
        return true
      }
      return hash.finalise()
    } catch  where error.isMissing {
      return nil
    }
  }
}
