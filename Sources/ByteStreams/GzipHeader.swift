import CCodec
import Volumes

/// The wrapper of a gzip member (RFC 1952): read and forgotten but for our spans, because names and comments in it are
/// nobody's business.
enum GzipHeader {
  static let magic: [UInt8] = [0x1f, 0x8b]

  /// What we write: deflate, no name, no time, no extra flags, unknown system, so that equal voxels give equal files.
  static func written(_ spans: GzipSpans?) -> [UInt8] {
    let flags = spans == nil ? 0 : Flag.extra
    return magic + [8, flags, 0, 0, 0, 0, 0, 255] + (spans?.extraField ?? [])
  }

  /// The bits of the flags byte.
  private enum Flag {
    static let headerChecksum: UInt8 = 1 << 1
    static let extra: UInt8 = 1 << 2
    static let name: UInt8 = 1 << 3
    static let comment: UInt8 = 1 << 4
    static let reserved: UInt8 = 0b1110_0000
  }

  /// Takes a member's header away, checked as far as it can be.
  ///
  /// - Returns: the content of the extra field.
  /// - Throws: `E_GZ_FORMAT` for another method or reserved flags, `E_GZ_CRC`, `E_GZ_TRUNCATED`.
  static func read(from input: Lookahead) throws(ScanFailure) -> [UInt8] {
    var reader = Reader(input: input)
    let fixed = try reader.take(10)
    guard fixed.starts(with: magic), fixed[2] == 8 else {
      throw ScanFailure(.gzipFormat, .read, "gzip method", expected: "8, deflate", found: "\(fixed[2])")
    }
    let flags = fixed[3]
    guard flags & Flag.reserved == 0 else {
      throw ScanFailure(.gzipFormat, .read, "gzip flags", expected: "reserved bits 0", found: "\(flags)")
    }
    var extra: [UInt8] = []
    if flags & Flag.extra != 0 {
      let count = try reader.take(2)
      extra = try reader.take(Int(count[0]) | Int(count[1]) << 8)
    }
    if flags & Flag.name != 0 { try reader.skipText() }
    if flags & Flag.comment != 0 { try reader.skipText() }
    if flags & Flag.headerChecksum != 0 { try reader.checkChecksum() }
    return extra
  }

  /// Reads fields and keeps the CRC of all of them.
  private struct Reader {
    let input: Lookahead
    var checksum: UInt32 = 0

    init(input: Lookahead) { self.input = input }

    /// `count` is at most 65,535, what two bytes can announce.
    mutating func take(_ count: Int) throws(ScanFailure) -> [UInt8] {
      let bytes = Array(try input.peek(count).prefix(count))
      guard bytes.count == count else { throw GzipDecoder.truncated("header") }
      input.consume(count)
      checksum = ccodec_crc32(checksum, bytes, bytes.count)
      return bytes
    }

    mutating func skipText() throws(ScanFailure) {
      while try take(1) != [0] {}
    }

    mutating func checkChecksum() throws(ScanFailure) {
      let computed = checksum & 0xffff
      let bytes = try take(2)
      let stored = UInt32(bytes[0]) | UInt32(bytes[1]) << 8
      guard stored == computed else {
        throw ScanFailure(
          .gzipChecksum, .read, "gzip header checksum", expected: hexadecimal(computed), found: hexadecimal(stored))
      }
    }
  }
}
