import ByteStreams
import Provenance
import VolumeIO
import Volumes

// Scans whose use was withdrawn are not done again, also when they lie in the archive under another name.
extension LogHistory {
  func requireNotWithdrawn(_ scan: PlannedScan) throws(ScanFailure) {
    if withdrawn.holds(scan.shownName) { throw .withdrawn }
  }

  /// - Parameter digests: of what was read.
  func requireNotWithdrawn(_ digests: ScanDigests) throws(ScanFailure) {
    if digests.files.contains(where: { withdrawn.holds(content: $0.sha256) }) { throw .withdrawn }
  }
}

extension ScanFailure {
  fileprivate static var withdrawn: ScanFailure {
    ScanFailure(
      .withdrawn, .plan, "scan", expected: "one that may be used", found: "one that was withdrawn",
      advice: "take it out of the archive or exclude it; medfilter retire --readmit lets it be used again")
  }
}
