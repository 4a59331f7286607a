import Volumes

/// Formats, pages and placeholders that turn up under NIfTI's file names, so that the message helps.
struct ForeignContent {
  let name: String
  let advice: String?

  /// What the first bytes of some content are; `nil` when they tell nothing.
  init?(_ start: [UInt8]) {
    if let known = Self.signatures.first(where: { start.dropFirst($0.offset).starts(with: $0.bytes) }) {
      (name, advice) = (known.name, known.advice)
    } else if Self.isText(start), let known = Self.texts.first(where: { Self.text(start).contains($0.mark) }) {
      (name, advice) = (known.name, known.advice)
    } else {
      return nil
    }
  }

  private init(_ name: String, _ advice: String?) { (self.name, self.advice) = (name, advice) }

  /// A link of git-annex that leads nowhere, or the text that stands in its place.
  static let notFetched = ForeignContent(
    "a git-annex pointer to a file that has not been fetched", "fetch it with git annex get, or datalad get")

  private static let signatures: [(name: String, offset: Int, bytes: [UInt8], advice: String?)] = [
    ("DICOM", 128, Array("DICM".utf8), "convert it, with dcm2niix for instance"),
    ("a NIfTI text header", 0, Array("<nifti_image".utf8), nil),
    ("gzip", 0, [0x1F, 0x8B], nil),
    ("Zstandard", 0, [0x28, 0xB5, 0x2F, 0xFD], nil),
    ("xz", 0, [0xFD, 0x37, 0x7A, 0x58, 0x5A], "unpack it with unxz, then compress it with gzip"),
    ("bzip2", 0, Array("BZh".utf8), "unpack it with bunzip2, then compress it with gzip"),
    ("ZIP", 0, [0x50, 0x4B, 0x03, 0x04], "unpack it with unzip"),
    ("LZ4", 0, [0x04, 0x22, 0x4D, 0x18], "unpack it with lz4 -d, then compress it with gzip"),
    ("PNG", 0, [0x89, 0x50, 0x4E, 0x47], nil),
    ("JPEG", 0, [0xFF, 0xD8, 0xFF], nil),
    ("PDF", 0, Array("%PDF".utf8), nil),
    ("HDF5", 0, [0x89, 0x48, 0x44, 0x46], nil),
    ("NetCDF", 0, Array("CDF".utf8), nil),
    ("NRRD", 0, Array("NRRD".utf8), "convert it, with SimpleITK or 3D Slicer for instance"),
    ("FreeSurfer's MGH", 0, [0, 0, 0, 1], "convert it, with mri_convert for instance"),
    (notFetched.name, 0, Array("/annex/objects/".utf8), notFetched.advice),
    (
      "a Git LFS pointer to a file that has not been fetched", 0, Array("version https://git-lfs".utf8),
      "fetch it with git lfs pull"
    ),
  ]

  /// Looked for in small letters, in content that is text.
  private static let texts: [(name: String, mark: String, advice: String?)] = [
    // What a checkout without symbolic links leaves in place of one.
    (notFetched.name, "annex/objects/", notFetched.advice),
    ("a web page", "<html", "the download went wrong: fetch the scan again"),
    ("a web page", "<!doctype", "the download went wrong: fetch the scan again"),
    ("XML", "<?xml", "the download may have gone wrong: fetch the scan again"),
    ("HTML or XML", "<", "the download may have gone wrong: fetch the scan again"),
    ("JSON", "{", "the download may have gone wrong: fetch the scan again"),
    ("text", "", "the download may have gone wrong: fetch the scan again"),
  ]

  private static func isText(_ start: [UInt8]) -> Bool {
    !start.isEmpty && start.prefix(256).allSatisfy { $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }
  }

  private static func text(_ start: [UInt8]) -> String {
    String(decoding: start.prefix(256), as: UTF8.self).lowercased()
  }

  /// Why content of this kind is no scan.
  func failure(_ phase: Phase) -> ScanFailure {
    ScanFailure(.unknownFormat, phase, "content", expected: "NIfTI-1 or NIfTI-2", found: name, advice: advice)
  }
}
