import ByteStreams
import Glibc

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

  /// The site's key: a file of at least 16 bytes that a service manager hands over, or that a variable names. It is
  /// never in the job, and never in the output tree.
  static func keyed() throws(JobRefusal) -> ScanNaming {
    let variable = "MEDFILTER_NAMES_KEY_FILE"
    let credentials = environment("CREDENTIALS_DIRECTORY").map { "\($0)/medfilter-names.key" }
    guard let path = environment(variable) ?? credentials else {
      throw .badJob(["policy.names: \"hmac\" needs a key: set \(variable) to a file of at least 16 bytes"])
    }
    guard let key = SmallFile.read(path, limit: 4096), key.count >= 16 else {
      throw .badJob(["\(variable): expected a readable file of 16 to 4096 bytes"])
    }
    return .keyed(key)
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).flatMap { String(validatingCString: $0) }
  }
}
