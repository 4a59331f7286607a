import ByteStreams
import DurableIO
import Provenance
import StrictJSON

/// How scans are named in logs: by their path, or by a keyed hash where paths carry patients' numbers.
package enum ScanNaming: Sendable {
  case relative
  case keyed([UInt8])

  /// The name that a log may show: 16 bytes of HMAC-SHA256 over the path where names are keyed.
  package func shown(_ path: String) -> String {
    switch self {
    case .relative: return path
    case .keyed(let key):
      let code = SHA256.authenticationCode(of: Array(path.utf8), key: key)
      return "hmac:" + code.hex.prefix(32)
    }
  }

  /// Whether no message may tell a path.
  var isHidden: Bool {
    if case .keyed = self { true } else { false }
  }

  /// What a log may tell of how a file looks: its times may be those of an examination. No path begins with a NUL, and
  /// what is no path has no mark of one.
  func shown(_ facts: FileFacts) -> RecordedFacts {
    guard case .keyed(let key) = self else { return .plain(facts) }
    let text = "\0\(facts.bytes) \(facts.modified) \(facts.changed) \(facts.inode)"
    return .hidden(String(SHA256.authenticationCode(of: Array(text.utf8), key: key).hex.prefix(32)))
  }

  /// A folder that the job names, in a sentence about `key`: it may be called after a patient or a study.
  func shown(root: String, of key: String) -> String {
    switch self {
    case .relative: root.quoted
    case .keyed: key
    }
  }

  /// A failure beneath the output root, where folders are called as in the archive.
  func shown(_ failure: DurableFailure) -> String {
    guard failure.path != "." else { return "\(failure)" }
    return "\(DurableFailure(failure.operation, failure.code, shown(failure.path)))"
  }

  /// Tells two keys apart without telling the key. No path has a NUL in it, so it is no path's hash.
  var keyID: String? {
    guard case .keyed(let key) = self else { return nil }
    return String(SHA256.authenticationCode(of: Array("\0key".utf8), key: key).hex.prefix(16))
  }

  /// The site's key: a file of at least 16 bytes that a service manager hands over, or that a variable names. It is
  /// never in the job, which others may read.
  ///
  /// - Returns: the naming, and a warning about a key that is no secret.
  static func keyed() throws(JobRefusal) -> (naming: ScanNaming, warning: String?) {
    let variable = Credential.namesKey.variable
    guard let path = Credential.namesKey.path(option: nil) else {
      throw .badJob(["policy.names: \"hmac\" needs a key: set \(variable) to a file of at least 16 bytes"])
    }
    guard let key = SmallFile.read(path, limit: 4096), key.count >= 16 else {
      throw .badJob(["\(variable): expected a readable file of 16 to 4096 bytes"])
    }
    let isOpen = SmallFile.isOpenToAll(path)
    return (.keyed(key), isOpen ? "\(variable): everybody can read the key: chmod 600" : nil)
  }
}
