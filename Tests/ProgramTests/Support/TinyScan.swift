import Foundation

/// A small NIfTI-1 scan, written and read with a table of places of its own: the program's reader and writer are not
/// asked to check themselves.
struct TinyScan {
  enum VoxelType: Int16 {
    case uint8 = 2
    case int16 = 4
    case int32 = 8
    case float32 = 16
    case float64 = 64
    case uint16 = 512

    var bytes: Int {
      switch self {
      case .uint8: 1
      case .int16, .uint16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  var dims: [Int]
  var spacing: [Float] = [1, 1, 1]
  var type: VoxelType
  /// As stored, i fastest.
  var values: [Double]
  var slope: Float = 1
  var intercept: Float = 0
  /// The header's free text, where scanners put names.
  var description = ""
  /// Where the first voxel lies, in mm; without it, the header has no affine of its own.
  var position: [Float]?

  static let headerBytes = 352

  init(dims: [Int], type: VoxelType = .int16, values: [Double]) {
    self.dims = dims
    self.type = type
    self.values = values
  }

  /// Whole numbers from 0 to 99, the same for the same seed.
  static func noise(_ dims: Int..., type: VoxelType = .int16, seed: UInt64 = 1) -> TinyScan {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    let values = (0..<dims.reduce(1, *)).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33 % 100)
    }
    return TinyScan(dims: dims, type: type, values: values)
  }

  // MARK: - Bytes

  var bytes: [UInt8] { header + values.flatMap(stored) }

  /// Everything in front of the voxels.
  var header: [UInt8] {
    var header = [UInt8](repeating: 0, count: Self.headerBytes)
    func put<T>(_ value: T, at offset: Int) {
      withUnsafeBytes(of: value) { header.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
    put(Int32(348), at: 0)
    let lengths = [dims.count] + dims + Array(repeating: 1, count: 7 - dims.count)
    for (index, length) in lengths.enumerated() { put(Int16(length), at: 40 + 2 * index) }
    put(type.rawValue, at: 70)
    put(Int16(8 * type.bytes), at: 72)
    for (index, length) in ([1] + spacing).enumerated() { put(length, at: 76 + 4 * index) }
    put(Float(Self.headerBytes), at: 108)
    put(slope, at: 112)
    put(intercept, at: 116)
    header[123] = 2  // millimetres
    if let position {
      put(Int16(1), at: 254)
      for axis in 0..<3 {
        put(spacing[axis], at: 280 + 20 * axis)
        put(position[axis], at: 292 + 16 * axis)
      }
    }
    header.replaceSubrange(148..<148 + min(79, description.utf8.count), with: description.utf8.prefix(79))
    header.replaceSubrange(344..<347, with: Array("n+1".utf8))
    return header
  }

  /// The same with header extensions, each of which is filled up with zeros.
  func bytes(withExtensions extensions: [(code: Int32, text: String)]) -> [UInt8] {
    var inserted: [UInt8] = []
    for (code, text) in extensions {
      let size = (8 + text.utf8.count + 15) / 16 * 16
      inserted += withUnsafeBytes(of: Int32(size)) { Array($0) } + withUnsafeBytes(of: code) { Array($0) }
      inserted += Array(text.utf8) + Array(repeating: 0, count: size - 8 - text.utf8.count)
    }
    var bytes = bytes
    bytes[Self.headerBytes - 4] = 1
    let offset = Float(Self.headerBytes + inserted.count)
    bytes.replaceSubrange(108..<112, with: withUnsafeBytes(of: offset) { Array($0) })
    bytes.insert(contentsOf: inserted, at: Self.headerBytes)
    return bytes
  }

  private func stored(_ value: Double) -> [UInt8] {
    switch type {
    case .uint8: [UInt8(value)]
    case .int16: withUnsafeBytes(of: Int16(value)) { Array($0) }
    case .uint16: withUnsafeBytes(of: UInt16(value)) { Array($0) }
    case .int32: withUnsafeBytes(of: Int32(value)) { Array($0) }
    case .float32: withUnsafeBytes(of: Float(value)) { Array($0) }
    case .float64: withUnsafeBytes(of: value) { Array($0) }
    }
  }

  /// Reads an uncompressed scan that has no extensions; `nil` for anything else.
  init?(_ bytes: [UInt8]) {
    func take<T: BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }
    guard bytes.count >= Self.headerBytes, take(Int32.self, at: 0) == 348, bytes[344...346].elementsEqual("n+1".utf8),
      take(Float.self, at: 108) == Float(Self.headerBytes), let type = VoxelType(rawValue: take(Int16.self, at: 70))
    else { return nil }
    dims = (1...Int(take(Int16.self, at: 40))).map { Int(take(Int16.self, at: 40 + 2 * $0)) }
    spacing = (1...3).map { take(Float.self, at: 76 + 4 * $0) }
    slope = take(Float.self, at: 112)
    intercept = take(Float.self, at: 116)
    self.type = type
    let count = dims.reduce(1, *)
    guard bytes.count == Self.headerBytes + count * type.bytes else { return nil }
    values = (0..<count).map { index in
      let offset = Self.headerBytes + index * type.bytes
      return switch type {
      case .uint8: Double(bytes[offset])
      case .int16: Double(take(Int16.self, at: offset))
      case .uint16: Double(take(UInt16.self, at: offset))
      case .int32: Double(take(Int32.self, at: offset))
      case .float32: Double(take(Float.self, at: offset))
      case .float64: take(Double.self, at: offset)
      }
    }
  }

  // MARK: - Gzip

  /// One gzip member of stored blocks: what any reader must take, without any library.
  /// The same scan as a header and an image.
  var pair: (header: [UInt8], image: [UInt8]) {
    var header = Array(bytes[..<348]) + [0, 0, 0, 0]
    header.replaceSubrange(344..<348, with: Array("ni1\0".utf8))
    header.replaceSubrange(108..<112, with: [0, 0, 0, 0])
    return (header, Array(bytes[Self.headerBytes...]))
  }

  var gzipped: [UInt8] {
    let payload = bytes
    var member: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
    for start in stride(from: 0, to: payload.count, by: 65535) {
      let block = payload[start..<min(start + 65535, payload.count)]
      let length = UInt16(block.count)
      member.append(block.endIndex == payload.count ? 1 : 0)
      for half in [length, ~length] { member += [UInt8(half & 255), UInt8(half >> 8)] }
      member += block
    }
    for word in [Self.checksum(payload), UInt32(payload.count)] {
      member += withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
    return member
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { remainder, byte in
      (0..<8).reduce(remainder ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
  }
}
