import ByteStreams
import Parallel
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

  /// Where the other file of a pair may be, beside this one.
  package var partnerPaths: [String] { partnerGroups.flatMap { $0 } }

  /// The same, names in the capitals of this one first: where some of a group are there, later groups are not looked at,
  /// because file systems that pass over capitals show one file under all of them.
  var partnerGroups: [[String]] {
    guard part != .singleFile else { return [] }
    let small = part == .header ? Part.image.rawValue : Part.header.rawValue
    let (large, titled) = (small.uppercased(), small.prefix(1).uppercased() + small.dropFirst())
    let endings = isInCapitals ? [(large, true), (small, false)] : [(small, false), (large, true)]
    return (endings + [(large, false), (small, true), (titled, false)]).map { name, isCompressionInCapitals in
      ["", ".gz", ".zst"].map { "\(stem).\(name)\(isCompressionInCapitals ? $0.uppercased() : $0)" }
    }
  }
}

extension ScanPlace {
  /// The other file of a pair wherever it may be, opened and not read yet, or why it cannot be opened.
  func partners(
    of name: ScanName, workers: Workers = Workers(count: 1)
  ) -> [(name: ScanName, file: Result<FileSource, ScanFailure>)] {
    for group in name.partnerGroups {
      var found: [(name: ScanName, file: Result<FileSource, ScanFailure>)] = []
      for partner in group.compactMap(ScanName.init(path:)) {
        let file = Result { () throws(ScanFailure) in try open(partner.path, workers: workers) }
        // Not there: most of the possible names are not. One that may not be read counts as found.
        if case .failure(let failure) = file, failure.failureClass == .cannotOpen { continue }
        found.append((partner, file))
      }
      if !found.isEmpty { return found }
    }
    return []
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
