/// What goes wrong on a `CrashDisk`, counted in calls of `Disk` from 0.
package struct Faults: Sendable {
  package enum Span: Sendable { case once, forEver }

  /// The process dies before this call; every later call fails too.
  package var deathAt: Int?
  /// This call fails, or all from it on.
  package var error: (code: Int32, at: Int, span: Span)?
  /// The call is done and then reported as failed, as NFS does when an answer gets lost.
  package var lostAnswer: (code: Int32, at: Int)?
  /// Writes take at most so many bytes.
  package var longestWrite = Int.max
  /// Every second call is interrupted by a signal.
  package var interrupts = false
  /// `rename` cannot refuse to replace, as on some network file systems.
  package var lacksExclusiveRename = false
  /// There are no hard links, as on exFAT.
  package var lacksLinks = false
  /// Files have no modes of their own, as on shares of other systems.
  package var lacksModes = false

  package init() {}

  package static func death(at call: Int) -> Faults {
    var faults = Faults()
    faults.deathAt = call
    return faults
  }

  package static func error(_ code: Int32, at call: Int, _ span: Span) -> Faults {
    var faults = Faults()
    faults.error = (code, call, span)
    return faults
  }
}

/// What a loss of power leaves of the things that were not synced.
package enum PowerLoss: Hashable, Sendable {
  /// Everything: only the process died.
  case keepsAll
  /// Nothing.
  case keepsNothing
  /// Names and renames, but not the bytes: empty files under final names.
  case keepsNames
  /// Bytes and lengths, but not the names.
  case keepsData
  /// Some of the changes to names, some blocks of the bytes (others are zero), any length in between.
  case keepsSome(seed: UInt64)
}
