import Volumes

/// A file that holds a volume by its name, in a form that is not read here.
struct ForeignName {
  /// In small letters, from the dot on.
  let ending: String
  /// What to do about it.
  let advice: String
  /// Whether it is NIfTI but for its compression: then it is one of the scans of any archive.
  let isNIfTI: Bool

  /// `nil` for names of scans that are read, and for all other files.
  init?(_ path: String) {
    let name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    for (compression, tool) in Self.compressions {
      for part in ["nii", "img", "hdr"] where name.hasSuffix(".\(part)\(compression)") {
        self.init(
          ending: ".\(part)\(compression)", advice: "unpack it with \(tool), then compress it with gzip", isNIfTI: true)
        return
      }
    }
    guard let found = Self.formats.first(where: { name.hasSuffix($0.key) && name != $0.key }) else { return nil }
    self.init(ending: found.key, advice: found.value, isNIfTI: false)
  }

  private init(ending: String, advice: String, isNIfTI: Bool) {
    (self.ending, self.advice, self.isNIfTI) = (ending, advice, isNIfTI)
  }

  /// Why a file of such a name is not filtered.
  var failure: ScanFailure {
    ScanFailure(
      .unknownFormat, .plan, isNIfTI ? "compression" : "format",
      expected: isNIfTI ? "none, gzip or Zstandard" : ".nii, .nii.gz, .nii.zst, or .hdr with .img",
      found: "a name that ends in \(ending)", advice: advice)
  }

  private static let compressions: [(ending: String, tool: String)] = [
    (".bz2", "bunzip2"), (".xz", "unxz"), (".lzma", "unlzma"), (".lz4", "lz4 -d"), (".z", "uncompress"),
    (".zip", "unzip"), (".7z", "7z x"), (".br", "brotli -d"), (".lz", "lzip -d"),
  ]

  private static let formats: [String: String] = [
    ".mgz": "convert it, for instance with mri_convert IN.mgz OUT.nii.gz",
    ".mgh": "convert it, for instance with mri_convert IN.mgh OUT.nii.gz",
    ".nrrd": "convert it, for instance with SimpleITK or 3D Slicer",
    ".nhdr": "convert it, for instance with SimpleITK or 3D Slicer",
    ".mha": "convert it, for instance with SimpleITK or c3d",
    ".mhd": "convert it, for instance with SimpleITK or c3d",
    ".mnc": "convert it, for instance with mnc2nii",
    ".mif": "convert it, for instance with mrconvert IN.mif OUT.nii.gz",
    ".mif.gz": "convert it, for instance with mrconvert IN.mif.gz OUT.nii.gz",
    ".head": "convert it, for instance with 3dAFNItoNIFTI",
    ".brik": "convert it, for instance with 3dAFNItoNIFTI",
    ".brik.gz": "convert it, for instance with 3dAFNItoNIFTI",
    ".dcm": "convert it, for instance with dcm2niix",
    ".ima": "convert it, for instance with dcm2niix",
    ".par": "convert it, for instance with dcm2niix",
  ]
}
