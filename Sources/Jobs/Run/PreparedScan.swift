import DurableIO
import Provenance

/// What came of a scan before its turn to be published: nothing of it is in the log or has a name yet.
struct PreparedScan: Sendable {
  /// Outputs that are as recorded while their files look otherwise, with what the log is to be told of that.
  let unchanged: [(output: PlannedOutput, stat: RecordedStat)]
  /// Outputs that an interrupted run had finished, and not said so.
  let recovered: [ScanRecord]
  /// Outputs that were made; none where all were there.
  let written: [WrittenOutput]
  var report: ScanReport

  /// Removes the temporary files, unless they have their names. Not left to the last reference: a lane may let go of its
  /// own a moment after the process has ended.
  func discard() { written.forEach { $0.file.discard() } }
}

/// An output that is whole, synced, read back and compared.
struct WrittenOutput: Sendable {
  let file: PendingFile
  let record: OutputRecord
  let replacing: Bool
}
