/// SHA-256 over the voxels of all frames as they are stored, decompressed, in the byte order of the file.
package struct VoxelDigest: Sendable, Hashable {
  /// The algorithm's name in the log.
  package static let algorithm = "sha256-voxels-as-stored"
  package let sha256: Digest
  package let bytes: Int

  package init(sha256: Digest, bytes: Int) {
    self.sha256 = sha256
    self.bytes = bytes
  }
}
