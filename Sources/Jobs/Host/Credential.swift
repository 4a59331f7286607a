import ByteStreams
import Glibc

/// A secret that an operator hands over in a file: never in a job, never in the output tree, never as an argument.
package struct Credential: Sendable {
  /// The environment variable that names the file.
  let variable: String
  /// The file's name among those that a service manager hands over.
  let name: String

  package static let signingKey = Credential(
    variable: "MEDFILTER_SIGNING_KEY_FILE", name: "medfilter-signing.key")

  package static let namesKey = Credential(variable: "MEDFILTER_NAMES_KEY_FILE", name: "medfilter-names.key")

  /// Where the file is: where an option says, else where the variable says, else with the service manager's
  /// credentials; `nil` when nobody hands one over.
  func path(option: String?) -> String? {
    if let path = option ?? Self.environment(variable) { return path }
    guard let folder = Self.environment("CREDENTIALS_DIRECTORY") else { return nil }
    let path = "\(folder)/\(name)"
    return access(path, F_OK) == 0 ? path : nil
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).flatMap { String(validatingCString: $0) }
  }
}

extension SigningKey {
  /// The key that signs the heads of the log; `nil` when there is none.
  ///
  /// - Parameter option: the file that the command line names.
  /// - Throws: `badJob` when a file is named and holds no such key, or everybody may read it.
  package static func handedOver(option: String?) throws(JobRefusal) -> SigningKey? {
    guard let path = Credential.signingKey.path(option: option) else { return nil }
    guard let bytes = SmallFile.read(path, limit: 4096), let key = SigningKey(pem: bytes) else {
      throw .badJob(["signing key: expected a readable PEM file with an unencrypted Ed25519 private key"])
    }
    guard !SmallFile.isOpenToAll(path) else {
      throw .badJob(["signing key: expected a file that only its owner can read, found one that everybody can"])
    }
    return key
  }
}
