import ByteStreams

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
  /// By line first, then by file. Empty exactly when everything that was looked at is as it was recorded.
  package let problems: [Problem]
  /// Odd, but no sign of tampering by itself.
  package let warnings: [Problem]

  package var isWhole: Bool { problems.isEmpty }
}
