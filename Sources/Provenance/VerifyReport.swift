import ByteStreams
import DurableIO

/// What a verification looked at and what it found.
package struct VerifyReport: Sendable {
  package let logID: String?
  /// The log itself and those that it continues.
  package let logs: Int
  /// Of all of them.
  package let lines: Int
  package let history: LogHistory
  /// Whose signature the head bears; nil when it bears none.
  package let signer: PublicKey?
  /// Heads of this log that were kept elsewhere.
  package let copiesChecked: Int
  package let outputsChecked: Int
  package let inputsChecked: Int
  /// Other output roots in the tree; their logs are verified by themselves.
  package let nestedRoots: Int
  /// What the run says about itself that holds the lock; nil when none seems to.
  package let holder: String?
  /// The log as it was when it was read.
  let log: FileStatus
  /// By line first, then by file. Empty exactly when everything that was looked at is as it was recorded, as far as the log
  /// goes.
  package let damage: [Problem]
  /// What a run that is going on, or was cut off, explains; the next run puts it in order.
  package let unfinished: [Problem]
  /// Odd, but no sign of tampering by itself.
  package let warnings: [Problem]

  package var isWhole: Bool { state == .whole }

  /// Everything that keeps the log from being whole, whatever explains it.
  package var problems: [Problem] {
    damage + unfinished.filter { ![.temporary, .announced, .notCovered].contains($0.kind) }
  }

  package enum State: String, Sendable {
    /// All is as it was recorded.
    case whole
    /// So far it is, and a run is going on.
    case running
    /// So far it is, and a run was cut off.
    case unfinished
    /// Something is not as it was recorded.
    case damaged
  }

  package var state: State {
    if !damage.isEmpty { return .damaged }
    if holder != nil { return .running }
    return unfinished.isEmpty ? .whole : .unfinished
  }
}
