import ByteStreams
import Glibc
import VolumeIO
import Volumes

/// The voxels of scans that a log names, read again.
package enum RecordedVoxels {
  /// The digest of a scan's voxels as stored, every byte of the file checked on the way.
  ///
  /// - Parameters:
  ///   - folder: the path of the root.
  ///   - name: the scan's, relative to it.
  package static func digest(beneath folder: String, of name: String) throws(ScanFailure) -> Digest {
    let root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard root >= 0 else {
      throw ScanFailure(.cannotOpen, .open, "folder", expected: "one that can be read", found: "none")
    }
    defer { close(root) }
    // What damage the job let pass stands in its record; here the voxels alone count.
    let reader = try ScanReader(
      name, in: .beneath(root: root, links: .follow), leniencies: Set(Leniency.allCases))
    return try reader.readToEnd().voxels.sha256
  }
}
