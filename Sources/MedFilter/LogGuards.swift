import Jobs
import Provenance

/// How a run guards its log against whoever can write it, as `--signing-key` and `--anchor` do on the command line.
public struct LogGuards: Sendable {
  /// A PEM file with the Ed25519 key that signs the log's heads; only its owner may read it.
  ///
  /// Where it is `nil`, the key is what the operator hands over: the file that `MEDFILTER_SIGNING_KEY_FILE` names, or
  /// `medfilter-signing.key` in `$CREDENTIALS_DIRECTORY`; else nothing is signed. A log that was signed once is only
  /// continued with a key.
  public var signingKey: String?
  /// Folders that each get a copy of every head. They must exist; a copy that cannot be written stops the run.
  public var anchors: [String]

  /// Nothing is opened before the run.
  public init(signingKey: String? = nil, anchors: [String] = []) {
    self.signingKey = signingKey
    self.anchors = anchors
  }

  /// What the rooms below make of it.
  var opened: ProvenanceLog.Options {
    get throws {
      try ProvenanceLog.Options(signingKey: signingKey, anchors: anchors, called: "anchors:")
    }
  }
}
