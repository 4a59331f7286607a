import Jobs
import Provenance

/// How a run protects its log against anyone who can write to it, as `--signing-key` and `--anchor` do on the command line.
public struct LogGuards: Sendable {
  /// A PEM file with the Ed25519 key that signs the log's heads; only its owner may read it.
  ///
  /// If it is `nil`, the key is the one that the operator provides: the file that `MEDFILTER_SIGNING_KEY_FILE` names, or
  /// `medfilter-signing.key` in `$CREDENTIALS_DIRECTORY`; otherwise nothing is signed. A log that was signed once is only
  /// continued with a key.
  public var signingKey: String?
  /// Folders that each get a copy of every head. They must exist; a copy that cannot be written stops the run.
  public var anchors: [String]

  /// Nothing is opened before the run.
  public init(signingKey: String? = nil, anchors: [String] = []) {
    self.signingKey = signingKey
    self.anchors = anchors
  }

  /// The options of the layers below.
  var opened: ProvenanceLog.Options {
    get throws {
      try ProvenanceLog.Options(signingKey: signingKey, anchors: anchors, called: "anchors:")
    }
  }
}
