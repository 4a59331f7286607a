import Glibc
import VolumeIO
import Volumes

/// Room on the disk that outputs go to.
enum FreeSpace {
  /// Bytes that this user may still write there, or `nil` when the file system does not say.
  static func bytes(at path: String) -> Int? {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0, facts.f_blocks > 0 else { return nil }
    return Int(clamping: facts.f_bavail).multipliedSaturating(by: Int(clamping: facts.f_frsize))
  }
}

extension JobPlan {
  /// Refuses a run that the disk has no room for, before it begins. Only plain outputs tell their size beforehand; how far
  /// the others shrink is not known, so a disk that they fill stops the run when it is full.
  ///
  /// - Throws: `outputUnusable` with the room and the need.
  func requireRoom() throws(JobRefusal) {
    guard spec.output.format == .nii, let free = FreeSpace.bytes(at: outputRoot) else { return }
    // A single scan beyond all room fails by itself; so does one whose header claims more than its file can hold. Neither must
    // keep others from being done.
    let needed = bytesToWrite.filter { $0 <= free }.reduce(0) { $0.addingSaturating($1) }
    guard needed > free else { return }
    throw .outputUnusable(
      "output.root: the outputs take \(needed) bytes, found \(free) bytes free; make room, or choose a compressed "
        + "output.format")
  }

  /// The voxels of each output that has no file yet.
  private var bytesToWrite: [Int] {
    scans.flatMap { scan -> [Int] in
      guard let content = try? scan.content.get(), content.facts.isBelievable else { return [] }
      return zip(scan.outputs, content.outputBytes).compactMap { output, bytes in
        access("\(outputRoot)/\(output.name)", F_OK) != 0 ? bytes : nil
      }
    }
  }
}
