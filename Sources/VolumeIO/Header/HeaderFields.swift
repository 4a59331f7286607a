/// The bytes of a header, read and written field by field in the byte order they are stored in.
struct HeaderFields {
  let version: NIfTIVersion
  private(set) var byteOrder: ByteOrder
  private(set) var bytes: [UInt8]

  /// `nil` unless there are as many bytes as the version's header has.
  init?(_ bytes: [UInt8], version: NIfTIVersion, byteOrder: ByteOrder) {
    guard bytes.count == version.headerBytes else { return nil }
    self.version = version
    self.byteOrder = byteOrder
    self.bytes = bytes
  }

  /// A whole number, sign kept; 0 for a field that this version does not have.
  func integer(_ field: HeaderField, _ index: Int = 0) -> Int {
    guard let place = version.place(of: field) else { return 0 }
    let unused = 64 - 8 * place.width
    return Int(truncatingIfNeeded: Int64(bitPattern: pattern(place, index) << UInt64(unused)) >> Int64(unused))
  }

  /// A real number: float32 in NIfTI-1, float64 in NIfTI-2, except that NIfTI-2's `vox_offset` is no real number.
  func real(_ field: HeaderField, _ index: Int = 0) -> Double {
    guard let place = version.place(of: field) else { return 0 }
    let pattern = pattern(place, index)
    return place.width == 4
      ? Double(Float(bitPattern: UInt32(truncatingIfNeeded: pattern))) : Double(bitPattern: pattern)
  }

  mutating func set(_ field: HeaderField, _ index: Int = 0, integer value: Int) {
    guard let place = version.place(of: field) else { return }
    store(UInt64(truncatingIfNeeded: value), place, index)
  }

  /// Rounds to float32 in NIfTI-1.
  mutating func set(_ field: HeaderField, _ index: Int = 0, real value: Double) {
    guard let place = version.place(of: field) else { return }
    store(place.width == 4 ? UInt64(Float(value).bitPattern) : value.bitPattern, place, index)
  }

  mutating func setMagic(_ magic: [UInt8]) {
    bytes.replaceSubrange(version.magicOffset..<version.magicOffset + magic.count, with: magic)
  }

  mutating func clear(_ range: Range<Int>) {
    bytes.replaceSubrange(range, with: repeatElement(0, count: range.count))
  }

  /// The same values with the little end of each number first; text and unused bytes stay as they are.
  func littleEndian() -> HeaderFields {
    guard byteOrder == .bigEndian else { return self }
    var swapped = self
    swapped.byteOrder = .littleEndian
    for place in HeaderField.allCases.compactMap(version.place(of:)) {
      for index in 0..<place.count { swapped.store(pattern(place, index), place, index) }
    }
    return swapped
  }

  private func pattern(_ place: FieldPlace, _ index: Int) -> UInt64 {
    let start = place.offset + index * place.width
    return UInt64(bytes: bytes[start..<start + place.width], order: byteOrder)
  }

  private mutating func store(_ pattern: UInt64, _ place: FieldPlace, _ index: Int) {
    for byte in 0..<place.width {
      let significance = byteOrder == .littleEndian ? byte : place.width - 1 - byte
      bytes[place.offset + index * place.width + byte] = UInt8(truncatingIfNeeded: pattern >> UInt64(8 * significance))
    }
  }
}

extension UInt64 {
  /// The number that up to eight bytes spell.
  init(bytes: some BidirectionalCollection<UInt8>, order: ByteOrder) {
    self = 0
    switch order {
    case .bigEndian: for byte in bytes { self = self << 8 | UInt64(byte) }
    case .littleEndian: for byte in bytes.reversed() { self = self << 8 | UInt64(byte) }
    }
  }
}
