import ByteStreams
import Parallel
import Provenance
import VolumeIO
import Volumes

extension JobPlan {
  /// Whether a scan's files are, byte for byte, what the log recorded.
  ///
  /// - Throws: `ScanFailure` when they cannot be read, `Cancelled`.
  func isUnchanged(_ scan: PlannedScan, since record: ScanRecord, _ cancellation: Cancellation) throws -> Bool {
    let recorded = record.inputs.filter { $0.role != "mask" }
    let sources = try FileDigests.sources(of: scan.file, in: inputPlace)
    guard sources.map(\.byteCount) == recorded.map(\.bytes) else { return false }
    for (source, file) in zip(sources, recorded) {
      guard try source.digest(cancellation) == file.sha256 else { return false }
    }
    return true
  }
}

extension FileSource {
  /// The file's digest; asks on the way whether to stop.
  func digest(_ cancellation: Cancellation) throws -> Digest {
    try withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 64) { buffer in
      // Not beyond the announced end: a file that grows for ever would hold us.
      while position < byteCount, try read(into: buffer) > 0 {
        settle()
        try cancellation.check()
      }
    }
    return try finish()
  }
}
