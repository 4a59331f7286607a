import Volumes

/// Whether header and voxels share a file, which the file's name decides and the header must confirm.
package enum HeaderForm: Sendable, Hashable {
  /// `.nii`
  case singleFile
  /// The `.hdr` of a `.hdr`/`.img` pair.
  case pair
}

/// What the first bytes say: which version of NIfTI, stored in which byte order.
struct Signature: Equatable {
  let version: NIfTIVersion
  let byteOrder: ByteOrder

  /// Reads `sizeof_hdr` and the magic, both of which must be right: a wrong magic would make a reader fall back to
  /// ANALYZE 7.5 and drop scaling and orientation without a word.
  ///
  /// - Parameter start: the first 348 bytes of the content, or all when there are fewer.
  init(_ start: [UInt8], form: HeaderForm) throws(ScanFailure) {
    guard !start.isEmpty else {
      throw ScanFailure(.emptyFile, .header, "content", expected: "a NIfTI header", found: "0 bytes")
    }
    guard let announced = Self.announced(start) else { throw Self.wrongSize(start) }
    self = announced
    switch version {
    case .one: try Self.checkMagicOfOne(start, form: form)
    case .two: try Self.checkMagicOfTwo(start, form: form)
    }
  }

  private init(version: NIfTIVersion, byteOrder: ByteOrder) {
    self.version = version
    self.byteOrder = byteOrder
  }

  /// `sizeof_hdr` taken by its word; it also tells the byte order.
  static func announced(_ start: [UInt8]) -> Signature? {
    guard start.count >= 4 else { return nil }
    for order in [ByteOrder.littleEndian, .bigEndian] {
      switch UInt64(bytes: start[0..<4], order: order) {
      case 348: return Signature(version: .one, byteOrder: order)
      case 540: return Signature(version: .two, byteOrder: order)
      default: continue
      }
    }
    return nil
  }

  private static func checkMagicOfOne(_ start: [UInt8], form: HeaderForm) throws(ScanFailure) {
    let version = NIfTIVersion.one
    guard start.count >= version.headerBytes else {
      throw .truncatedHeader(expected: version.headerBytes, found: start.count)
    }
    let magic = Array(start[version.magicOffset...].prefix(4))
    // ANALYZE 7.5 keeps a number where NIfTI has its magic.
    if form == .pair, magic[0] != UInt8(ascii: "n") {
      throw ScanFailure(
        .analyzeFormat, .header, "format", expected: "NIfTI", found: "ANALYZE 7.5, whose orientation is undefined",
        advice: "convert it to NIfTI with a program that knows where it comes from")
    }
    try checkMagic(magic, version, form)
  }

  private static func checkMagicOfTwo(_ start: [UInt8], form: HeaderForm) throws(ScanFailure) {
    let version = NIfTIVersion.two
    guard start.count >= 12 else { throw .truncatedHeader(expected: version.headerBytes, found: start.count) }
    let magic = Array(start[4..<12])
    let names = [version.singleFileMagic, version.pairMagic].map { Array($0.prefix(4)) }
    // The line ends in the second half are there to break when a transfer program rewrites line ends.
    if names.contains(Array(magic.prefix(4))), magic.suffix(4) != version.pairMagic.suffix(4) {
      throw ScanFailure(
        .headerLineEnds, .header, "magic[4...7]", expected: "0d 0a 1a 0a",
        found: magic.suffix(4).map(hexadecimal).joined(separator: " "),
        advice: "the file was changed by a text-mode transfer; fetch it again")
    }
    try checkMagic(magic, version, form)
  }

  private static func checkMagic(_ magic: [UInt8], _ version: NIfTIVersion, _ form: HeaderForm) throws(ScanFailure) {
    let (wanted, other) =
      form == .singleFile
      ? (version.singleFileMagic, version.pairMagic) : (version.pairMagic, version.singleFileMagic)
    if magic == wanted { return }
    if magic == other {
      let found = form == .singleFile ? "a header of a pair of files" : "a header of a single file"
      let expected = form == .singleFile ? "a header of a single file" : "a header of a pair of files"
      throw ScanFailure(.headerMagic, .header, "magic", expected: expected, found: found)
    }
    throw ScanFailure(
      .headerMagic, .header, "magic", expected: "that of NIfTI-\(version.rawValue), as sizeof_hdr says",
      found: magic.map(hexadecimal).joined(separator: " "))
  }

  /// Neither 348 nor 540: a damaged NIfTI header when a magic is in its place, else something that is no NIfTI at all.
  private static func wrongSize(_ start: [UInt8]) -> ScanFailure {
    let hasMagic = [NIfTIVersion.one, .two].contains { version in
      let there = start.dropFirst(version.magicOffset).prefix(4)
      return there.elementsEqual(version.singleFileMagic.prefix(4)) || there.elementsEqual(version.pairMagic.prefix(4))
    }
    guard hasMagic else {
      return ForeignContent(start)?.failure(.header)
        ?? ScanFailure(.unknownFormat, .header, "content", expected: "NIfTI-1 or NIfTI-2", found: "something else")
    }
    let size = Int32(truncatingIfNeeded: UInt64(bytes: start[0..<4], order: .littleEndian))
    return ScanFailure(.headerSize, .header, "sizeof_hdr", expected: "348 or 540", found: "\(size)")
  }
}

extension ScanFailure {
  static func truncatedHeader(expected: Int, found: Int) -> ScanFailure {
    ScanFailure(.truncated, .header, "header", expected: "\(expected) bytes", found: "\(found) bytes")
  }
}

func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
