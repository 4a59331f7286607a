import Filtering
import Filters
import VolumeIO
import Volumes

/// Reads the scans that filters name as masks.
package struct MaskLoader: Sendable {
  /// Where relative names start: the job file's folder.
  let folder: String

  package init(folder: String) { self.folder = folder }

  /// The largest distance between the affines of a mask and its scan, in mm.
  static let tolerance = 1e-3

  /// The mask in a file, when it lies on the grid of `key`. Voxels above 0 are inside; NaN is not.
  package func mask(_ file: String, for key: GridKey) throws(ScanFailure) -> Mask {
    let volume = try read(file)
    guard volume.header.frames == 1, volume.header.shape == key.shape else {
      throw Self.mismatch(
        "dims", expected: "\(key.shape)", found: volume.header.dims.map(String.init).joined(separator: "×"))
    }
    if let affine = key.affine {
      let distance = affine.distance(to: volume.header.affine)
      guard distance <= Self.tolerance else {
        throw Self.mismatch(
          "affine", expected: "that of the scan within \(Self.tolerance) mm",
          found: "a difference of \(distance.significant(6)) mm")
      }
    }
    return Mask(shape: key.shape, inside: volume.frame.voxels.map { $0 > 0 ? 1 : 0 })
  }

  /// What is wrong with the mask's file is said of the mask: the message goes with the scan that is to be filtered.
  private func read(_ file: String) throws(ScanFailure) -> WholeVolume<Float> {
    do throws(ScanFailure) {
      return try WholeVolume(ScanReader(resolved(file, in: folder), in: .anywhere))
    } catch {
      let subject = error.subject == "input" ? "mask" : "mask \(error.subject)"
      throw ScanFailure(
        error.failureClass, error.phase, subject, expected: error.expected, found: error.found, advice: error.advice)
    }
  }

  private static func mismatch(_ subject: String, expected: String, found: String) -> ScanFailure {
    ScanFailure(
      .gridMismatch, .plan, "mask \(subject)", expected: expected, found: found,
      advice: "resample the mask onto the scan's grid")
  }
}
