import Volumes

/// The header of a Zstandard frame (RFC 8878, 3.1.1.1), read before libzstd sees the frame so that claims meet our limits.
struct ZstdFrameHeader: Equatable {
  let windowBytes: UInt64
  let contentBytes: UInt64?
  let dictionary: UInt64
  let hasChecksum: Bool

  static let magic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
  /// Magic, descriptor, window, dictionary and content size at their longest.
  static let longest = 18

  /// Sixteen magics, 0x184D2A50 to 0x184D2A5F, begin frames that decoders pass over.
  static func isSkippable(magic bytes: some BidirectionalCollection<UInt8>) -> Bool {
    bytes.count == 4 && littleEndian(bytes) & UInt32(0xffff_fff0) == 0x184d_2a50
  }

  /// - Parameter bytes: what the frame begins with, the magic included; `longest` of them unless the file ends before.
  /// - Throws: `E_ZST_TRUNCATED`; `E_ZST_FORMAT` for the reserved bit.
  init(_ bytes: some Collection<UInt8>) throws(ScanFailure) {
    var rest = Array(bytes)[...]
    func take(_ count: Int) throws(ScanFailure) -> UInt64 {
      guard rest.count >= count else { throw ZstdDecoder.truncated("frame header") }
      defer { rest = rest.dropFirst(count) }
      return littleEndian(rest.prefix(count))
    }
    _ = try take(4)
    let descriptor = try take(1)
    guard descriptor & 0b1000 == 0 else {
      throw ScanFailure(.zstdFormat, .read, "zstd frame header", expected: "reserved bit 0", found: "1")
    }
    let singleSegment = descriptor & 0b10_0000 != 0
    hasChecksum = descriptor & 0b100 != 0
    let window = singleSegment ? nil : ZstdFrameHeader.windowBytes(try take(1))
    dictionary = try take([0, 1, 2, 4][Int(descriptor & 3)])
    contentBytes = try ZstdFrameHeader.contentBytes(descriptor >> 6, singleSegment: singleSegment, take)
    windowBytes = window ?? contentBytes ?? 0
  }

  /// Five bits of exponent, three of mantissa.
  private static func windowBytes(_ byte: UInt64) -> UInt64 {
    let base: UInt64 = 1 << (10 + byte >> 3)
    return base + base / 8 * (byte & 7)
  }

  private static func contentBytes(
    _ sizeCode: UInt64, singleSegment: Bool, _ take: (Int) throws(ScanFailure) -> UInt64
  ) throws(ScanFailure) -> UInt64? {
    switch sizeCode {
    case 0: singleSegment ? try take(1) : nil
    case 1: try take(2) + 256
    case 2: try take(4)
    default: try take(8)
    }
  }
}
