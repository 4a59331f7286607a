import ByteStreams
import DurableIO
import Provenance

extension ProvenanceLog.Options {
  /// Opens what guards a log: a key that is handed over, and folders for copies of its heads.
  ///
  /// - Parameters:
  ///   - signingKey: the key's file; `nil` takes the one that the environment hands over, if any.
  ///   - word: what the caller's own users call such a folder.
  /// - Throws: `badJob` for a key that is none or open to all, `outputUnusable` for a folder that is not there.
  package init(signingKey: String?, anchors: [String], called word: String) throws(JobRefusal) {
    self.init()
    key = try SigningKey.handedOver(option: signingKey)
    for path in anchors {
      do {
        self.anchors.append(try AnchorFolder(path: path))
      } catch {
        throw .outputUnusable("\(word) \(path): expected a folder: \(error.reason)")
      }
    }
  }
}
