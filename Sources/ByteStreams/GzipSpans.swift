import CCodec

/// How a gzip member of ours is cut into spans that decode by themselves: a subfield of the header's extra field (RFC 1952,
/// 2.3.1.1) that other readers pass over.
///
///     "mf"  12 (2)  |  decoded bytes in all (8)  decoded bytes per span (4)
///
/// All numbers little-endian. The last span may be shorter. All of this is known when the file begins; where a span ends is
/// marked there, see `ccodec_marked`. Nobody trusts any of it: a span counts only when it decodes as announced, see
/// `MarkedSpans`.
struct GzipSpans: Equatable {
  private static let name = Array("mf".utf8)
  private static let contentBytes = 12
  /// The decoded bytes that one span may announce: fewer are not worth a lane's while, and lanes hold a span each.
  private static let sizes = 1 << 16...GzipSink.chunk

  /// Of all spans.
  let decodedBytes: Int
  /// The decoded bytes of each span but the last.
  let size: Int

  /// `nil` when all is one span, which one lane decodes anyway.
  init?(decodedBytes: Int, size: Int) {
    guard decodedBytes > size, decodedBytes <= DecodedSource.largestStream, Self.sizes.contains(size) else {
      return nil
    }
    (self.decodedBytes, self.size) = (decodedBytes, size)
  }

  /// The spans that a header's extra field announces, if it does and they make sense so far.
  init?(extraField: [UInt8]) {
    guard let content = Self.subfield(of: extraField), content.count == Self.contentBytes else { return nil }
    let decodedBytes: UInt64 = littleEndian(content.prefix(8))
    self.init(decodedBytes: Int(clamping: decodedBytes), size: littleEndian(content.dropFirst(8)))
  }

  var count: Int { (decodedBytes - 1) / size + 1 }

  /// The decoded bytes of one span.
  func decoded(_ number: Int) -> Int { min(size, decodedBytes - number * size) }

  /// The bytes that a span never exceeds when we compress it, its mark included.
  var mostCompressed: Int { ccodec_deflate_bound(size) }

  /// The whole extra field, with the two bytes of its length.
  var extraField: [UInt8] {
    let content = littleEndianBytes(UInt64(decodedBytes)) + littleEndianBytes(UInt32(size))
    let subfield = Self.name + littleEndianBytes(UInt16(content.count)) + content
    return littleEndianBytes(UInt16(subfield.count)) + subfield
  }

  /// Subfields of others may stand beside ours.
  private static func subfield(of field: [UInt8]) -> ArraySlice<UInt8>? {
    var rest = field[...]
    while rest.count >= 4 {
      let length: Int = littleEndian(rest.dropFirst(2).prefix(2))
      let content = rest.dropFirst(4)
      guard length <= content.count else { return nil }
      if rest.starts(with: name) { return content.prefix(length) }
      rest = content.dropFirst(length)
    }
    return nil
  }
}

func littleEndianBytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
  (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
