import DurableIO
import Provenance

/// What came of a scan before its turn to be published: nothing of it is in the log or has a name yet.
enum PreparedScan: Sendable {
  /// With what the log is to be told of how the files look, if anything.
  case upToDate(RecordedStat?)
  /// An interrupted run had finished the file and not said so.
  case recovered(ScanRecord)
  case written(WrittenScan)

  /// Removes the temporary file, unless it has its name. Not left to the last reference: a lane may let go of its own a
  /// moment after the process has ended.
  func discard() {
    if case .written(let written) = self { written.file.discard() }
  }
}

/// An output that is whole, synced, read back and compared.
struct WrittenScan: Sendable {
  let file: PendingFile
  let record: OutputRecord
  let replacing: Bool
  var report: ScanReport
}
