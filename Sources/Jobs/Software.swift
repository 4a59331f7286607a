import ByteStreams
import VolumeIO

/// What this program is, for `--version` and for the log.
package enum Software {
  package static let name = "medfilter"
  package static let version = "0.1.0"
  package static let intendedUse = "research and processing, not for diagnosis"

  /// The label of the arithmetic: results with the same label and the same recipe have the same bits. It changes when
  /// any bit of any result changes.
  package static let arithmetic = "fused-1"

  /// Those whose work ends up in an output, as loaded.
  static var libraries: [(name: String, version: String)] { CodecLibraries.versions + NIfTILibrary.versions }

  package static var description: String {
    "\(name) \(version) (\(intendedUse))"
  }
}
