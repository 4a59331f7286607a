/// Names of formats that turn up under NIfTI's file names, so that the message helps.
enum ForeignContent {
  private static let signatures: [(name: String, offset: Int, bytes: [UInt8])] = [
    ("DICOM", 128, Array("DICM".utf8)),
    ("a NIfTI text header", 0, Array("<nifti_image".utf8)),
    ("gzip", 0, [0x1F, 0x8B]),
    ("Zstandard", 0, [0x28, 0xB5, 0x2F, 0xFD]),
    ("xz", 0, [0xFD, 0x37, 0x7A, 0x58, 0x5A]),
    ("bzip2", 0, Array("BZh".utf8)),
    ("ZIP", 0, [0x50, 0x4B, 0x03, 0x04]),
    ("PNG", 0, [0x89, 0x50, 0x4E, 0x47]),
    ("JPEG", 0, [0xFF, 0xD8, 0xFF]),
    ("HDF5", 0, [0x89, 0x48, 0x44, 0x46]),
    ("NetCDF", 0, Array("CDF".utf8)),
    ("NRRD", 0, Array("NRRD".utf8)),
    // git-annex and DataLad leave a path in place of a file that has not been fetched.
    ("a git-annex pointer to a file that has not been fetched", 0, Array("/annex/objects/".utf8)),
    ("a Git LFS pointer to a file that has not been fetched", 0, Array("version https://git-lfs".utf8)),
    ("HTML or XML", 0, Array("<".utf8)),
  ]

  static func name(of start: [UInt8]) -> String {
    let known = signatures.first { start.dropFirst($0.offset).starts(with: $0.bytes) }
    return known?.name ?? "something else"
  }
}
