import Filtering
import Filters
import Synchronization
import VolumeIO
import Volumes

/// Reads the scans that filters name as masks, each of them once: a job's scans may lie on a thousand grids.
package final class MaskLoader: Sendable {
  /// Where relative names start: the job file's folder; `nil` lets no file be read.
  private let folder: String?
  private let known = Mutex<[String: Result<Loaded, ScanFailure>]>([:])

  package init(folder: String?) { self.folder = folder }

  /// A mask, wherever its grid lies.
  private struct Loaded: Sendable {
    let dims: [Int]
    let mask: Mask
    let affine: Affine
  }

  /// A mask of one volume in memory, by the name that filters give it; it goes before a file of that name.
  package func provide(_ file: String, _ mask: Mask, dims: [Int], affine: Affine) {
    known.withLock { $0[file] = .success(Loaded(dims: dims, mask: mask, affine: affine)) }
  }

  /// Makes sure that a mask can be read, and keeps it.
  ///
  /// - Parameter isStopped: Asked while it is read; what is thrown after that means nothing.
  package func require(_ file: String, isStopped: () -> Bool) throws(UnreadableFile) {
    if known.withLock({ $0[file] == nil }) {
      guard let folder else { throw .cannotOpen(FilesBesideJob.closed) }
      if let reason = SmallFile.obstacle(to: resolved(file, in: folder)) { throw .cannotOpen(reason) }
    }
    do throws(ScanFailure) { _ = try load(file, isStopped: isStopped) } catch { throw UnreadableFile(error) }
  }

  /// The mask in a file, when it lies on the grid of a layout. Voxels above 0 are inside; NaN is not.
  ///
  /// - Parameter withAffine: Whether it must lie at the same place.
  package func mask(_ file: String, for layout: Layout, withAffine: Bool = true) throws(ScanFailure) -> Mask {
    let loaded = try load(file)
    guard loaded.mask.shape == layout.shape else {
      throw .mismatch(of: .mask, "dims", expected: "\(layout.shape)", found: Self.lengths(loaded.dims))
    }
    if withAffine { try layout.requirePlace(of: loaded.affine, .mask) }
    return loaded.mask
  }

  private func load(_ file: String, isStopped: () -> Bool = { false }) throws(ScanFailure) -> Loaded {
    try known.withLock { known throws(ScanFailure) in
      if let answer = known[file] { return try answer.get() }
      let answer = Result { () throws(ScanFailure) in try read(file, isStopped) }
      known[file] = answer
      return try answer.get()
    }
  }

  /// What is wrong with the mask's file is said of the mask: the message goes with the scan that is to be filtered.
  private func read(_ file: String, _ isStopped: () -> Bool) throws(ScanFailure) -> Loaded {
    guard let folder else { throw .closedCompanion(.mask) }
    do throws(ScanFailure) {
      let reader = try ScanReader(resolved(file, in: folder), in: .anywhere)
      guard reader.header.frames == 1 else {
        throw ScanFailure(
          .gridMismatch, .header, "dims", expected: "one volume", found: Self.lengths(reader.header.dims))
      }
      try reader.header.requireAffine()
      let volume = try WholeVolume<Float>(reader, isStopped: isStopped)
      let inside: [UInt8] = volume.frame.voxels.map { $0 > 0 ? 1 : 0 }
      return Loaded(
        dims: volume.header.dims, mask: Mask(shape: volume.header.shape, inside: inside), affine: volume.header.affine)
    } catch {
      throw error.said(of: .mask)
    }
  }

  private static func lengths(_ dims: [Int]) -> String { dims.map(String.init).joined(separator: "×") }
}
