import CCodec

/// Where a gzip member of ours can be cut into spans that decode by themselves: a subfield of the header's extra field
/// (RFC 1952, 2.3.1.1) that other readers pass over.
///
///     "mf"  count of what follows (2)  |  decoded bytes in all (8)  decoded bytes per span (4)  compressed bytes of each
///     span (4 each)
///
/// All numbers little-endian. The last span may be shorter. Nobody trusts the index: a span counts only when it decodes as
/// announced, see `IndexedSpans`.
struct GzipIndex: Equatable {
  private static let name = Array("mf".utf8)
  private static let fixedBytes = 12
  /// An extra field announces its length in two bytes; its only subfield begins with four.
  private static let mostSpans = (65_535 - 4 - fixedBytes) / 4
  /// Decoded bytes that one span may announce: lanes hold a span each.
  private static let largestSpan = 8 << 20

  let decodedBytes: Int
  let span: Int
  /// Compressed bytes of each span.
  private(set) var sizes: [Int]

  /// Room for the index of `decodedBytes`, to be filled with `add`. Larger scans get longer spans, never more than fit;
  /// `nil` when even that does not help, beyond 128 GiB.
  init?(decodedBytes: Int, chunk: Int) {
    var span = chunk
    while decodedBytes > span * Self.mostSpans { span *= 2 }
    guard span <= Self.largestSpan, decodedBytes > 0 else { return nil }
    self.decodedBytes = decodedBytes
    self.span = span
    sizes = [Int](repeating: 0, count: Self.spans(of: decodedBytes, span))
  }

  /// The index in a header's extra field, if there is one that makes sense so far.
  init?(extraField: [UInt8]) {
    guard let content = Self.subfield(of: extraField), content.count > Self.fixedBytes else { return nil }
    let decodedBytes: UInt64 = littleEndian(content.prefix(8))
    span = littleEndian(content.dropFirst(8).prefix(4))
    let entries = content.dropFirst(Self.fixedBytes)
    guard entries.count % 4 == 0, decodedBytes > 0, decodedBytes <= DecodedSource.largestStream,
      (1...Self.largestSpan).contains(span)
    else { return nil }
    self.decodedBytes = Int(decodedBytes)
    sizes = stride(from: entries.startIndex, to: entries.endIndex, by: 4).map { littleEndian(entries[$0..<$0 + 4]) }
    let most = Self.mostCompressed(span)
    guard sizes.count == Self.spans(of: self.decodedBytes, span), sizes.allSatisfy({ (1...most).contains($0) })
    else { return nil }
  }

  /// The bytes that a span never exceeds when we compress it.
  static func mostCompressed(_ span: Int) -> Int { ccodec_deflate_bound(span) + 5 * (span / GzipSink.chunk + 1) }

  private static func spans(of bytes: Int, _ span: Int) -> Int { (bytes - 1) / span + 1 }

  /// The decoded bytes of one span.
  func decoded(_ number: Int) -> Int { min(span, decodedBytes - number * span) }

  /// Says that a chunk which begins at a decoded position became so many bytes.
  mutating func add(compressed bytes: Int, at position: Int) {
    // An empty chunk at the very end belongs to the last span.
    sizes[min(position / span, sizes.count - 1)] += bytes
  }

  /// The whole extra field, with the two bytes of its length.
  var extraField: [UInt8] {
    let content = littleEndianBytes(UInt64(decodedBytes)) + littleEndianBytes(UInt32(span))
    let entries = sizes.flatMap { littleEndianBytes(UInt32($0)) }
    let length = content.count + entries.count
    return littleEndianBytes(UInt16(length + 4)) + Self.name + littleEndianBytes(UInt16(length)) + content + entries
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
