/// What a line of the log tells of. Readers keep lines of types that they do not know.
package enum RecordType: String, CaseIterable, Sendable {
  /// The first line of every log: the log's own name, and later what a rotated log continues.
  case genesis
  case runStart = "run_start"
  case kernel
  /// The output is whole and checked under its temporary name, and is about to get its final one.
  case prepared
  /// The output has its final name.
  case output
  /// An output and its input were compared by content and are as recorded; by size and times they look otherwise now.
  case unchanged
  case scanFailed = "scan_failed"
  /// What a dead run left unfinished was put in order.
  case recovery
  /// From this line on heads are signed with this key.
  case key
  case runEnd = "run_end"
  /// The use of a scan was withdrawn: its absence is in order from here on, and it is not done again.
  case retired
  /// It may be used again.
  case readmitted
}
