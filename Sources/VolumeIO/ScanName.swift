import ByteStreams
import Volumes

/// A scan's path taken apart: `sub-01/anat/T1w.nii.gz` is the stem `sub-01/anat/T1w`, a single file, gzip.
///
/// Capitals in the ending do not matter (`.NII.GZ`).
package struct ScanName: Sendable, Hashable {
  package enum Part: String, Sendable, Hashable {
    case singleFile = "nii"
    case header = "hdr"
    case image = "img"
  }

  package let path: String
  /// With folders, without the ending.
  package let stem: String
  package let part: Part
  package let compression: Compression

  /// `nil` when the ending is none of a scan's.
  package init?(path: String) {
    let compression = Compression.of(fileName: path)
    let plain = compression == .none ? path[...] : path.prefix(upTo: path.lastIndex(of: ".") ?? path.endIndex)
    guard let dot = plain.lastIndex(of: "."), let part = Part(rawValue: plain[plain.index(after: dot)...].lowercased())
    else { return nil }
    // A name that is nothing but an ending is a hidden file, not a scan.
    guard let last = plain[..<dot].last, last != "/" else { return nil }
    self.path = path
    stem = String(plain[..<dot])
    self.part = part
    self.compression = compression
    isInCapitals = plain[dot...] == plain[dot...].uppercased()
  }

  private let isInCapitals: Bool

  /// Where the other file of a pair may be.
  package var partnerPaths: [String] {
    guard part != .singleFile else { return [] }
    let other = part == .header ? Part.image : .header
    let endings = ["", ".gz", ".zst"].map { "." + other.rawValue + $0 }
    return endings.map { stem + (isInCapitals ? $0.uppercased() : $0) }
  }
}

/// How an output is stored. The raw values are the job file's and, after a dot, the file names' endings.
package enum OutputFormat: String, CaseIterable, Sendable {
  case nii
  case niiGzip = "nii.gz"
  case niiZstd = "nii.zst"

  package var compression: Compression {
    switch self {
    case .nii: .none
    case .niiGzip: .gzip
    case .niiZstd: .zstd
    }
  }
}
