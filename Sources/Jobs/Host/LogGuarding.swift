import ByteStreams
import DurableIO
import Glibc
import Provenance

extension ProvenanceLog.Options {
  /// The same for the log of an output root, whose place copies of heads are marked with: by a digest of its path and of
  /// the machine's name, which tells neither.
  func placed(at root: String) -> ProvenanceLog.Options {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var options = self
    options.place = SHA256.digest(of: Array("medfilter-root\0\(host)\0\(resolvedPath(root) ?? root)".utf8))
    return options
  }

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
