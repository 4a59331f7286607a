import ByteStreams
import StrictJSON
import VolumeIO
import Volumes

/// One scan, looked at to its last byte.
package struct Inspection: Sendable {
  package let facts: [(name: String, value: String)]
  /// The same for programs: numbers as numbers.
  package let numbers: [(String, JSONOutput)]
  package let findings: [Finding]

  /// - Throws: the first thing that makes the scan unusable.
  package init(of path: String) throws(ScanFailure) {
    let reader = try ScanReader(path, in: .anywhere)
    let header = reader.header
    let digests = try reader.readToEnd()
    let files = digests.files.map { ("sha256 of .\($0.part.rawValue)", $0.sha256.hex) }
    facts =
      header.facts.map { ($0.name, $0.value) } + [("compression", reader.compression.rawValue)] + files
      + [("voxels \(VoxelDigest.algorithm)", digests.voxels.sha256.hex)]
    numbers =
      header.members + [("compression", .string(reader.compression.rawValue))]
      + files.map { ($0.0, .string($0.1)) }
      + [("voxels \(VoxelDigest.algorithm)", .string(digests.voxels.sha256.hex))]
    findings = reader.findings
  }
}
