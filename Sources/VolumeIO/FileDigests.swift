import ByteStreams
import Volumes

/// The digests of a scan's files as they are on the disk, without looking into them.
package enum FileDigests {
  /// Of the single file; of a pair, of the header and then of every file that may be its image.
  ///
  /// The order is that of `ScanDigests.files`, so that an unchanged scan has the digests that were recorded for it.
  package static func of(_ path: String, in place: ScanPlace) throws(ScanFailure) -> [Digest] {
    var digests: [Digest] = []
    for source in try sources(of: path, in: place) { digests.append(try source.finish()) }
    return digests
  }

  /// The files, opened and not read yet, in the order of their digests.
  package static func sources(of path: String, in place: ScanPlace) throws(ScanFailure) -> [FileSource] {
    var sources = [try place.open(path)]
    guard let name = ScanName(path: path), name.part == .header else { return sources }
    for partner in place.partners(of: name) { sources.append(try partner.file.get()) }
    return sources
  }
}
