import Volumes

/// The lengths of a scan and how its voxels are stored; every product is known to fit.
struct Grid {
  let dims: [Int]
  let shape: Shape
  let frames: Int
  let voxelType: VoxelType
}

extension HeaderChecks {
  /// Reads `dim`, `datatype` and `bitpix`.
  ///
  /// The size is checked before the type is known to be supported, so that a header that claims 2⁶⁴ bytes is called that.
  mutating func grid() throws(ScanFailure) -> Grid {
    let dims = try dims()
    let code = fields.integer(.datatype)
    guard let stored = StoredType(code: code) else {
      throw .header(.headerType, "datatype", expected: "a type that NIfTI defines", found: "\(code)")
    }
    let (shape, frames) = try Self.size(of: dims, bytesPerVoxel: stored.bytes)
    guard let voxelType = stored.voxelType else {
      throw .header(.unsupportedType, "datatype", expected: "one real number per voxel", found: stored.name)
    }
    try checkBitpix(of: voxelType)
    return Grid(dims: dims, shape: shape, frames: frames, voxelType: voxelType)
  }

  private mutating func dims() throws(ScanFailure) -> [Int] {
    let rank = fields.integer(.dim)
    guard (1...7).contains(rank) else { throw wrongRank(rank) }
    var dims: [Int] = []
    for axis in 1...rank {
      dims.append(try length(of: axis))
    }
    for axis in 1...7 where axis > rank && ![0, 1].contains(fields.integer(.dim, axis)) {
      warn("dim-unused", "dim[\(axis)] is \(fields.integer(.dim, axis)), above dim[0] = \(rank)")
    }
    return dims
  }

  /// What other programs take a 0 for is a matter of the file's length, which is compared with the product of all.
  private mutating func length(of axis: Int) throws(ScanFailure) -> Int {
    let length = fields.integer(.dim, axis)
    if length >= 1 { return length }
    let fault = ScanFailure.header(.headerDim, "dim[\(axis)]", expected: "at least 1", found: "\(length)")
    guard length == 0, axis > 1 else { throw fault }
    try tolerate(fault, as: "dim-zero", using: "1 was used")
    fields.set(.dim, axis, integer: 1)
    return 1
  }

  /// A rank that would be right with its bytes the other way round means that the header mixes byte orders.
  private func wrongRank(_ rank: Int) -> ScanFailure {
    let swapped = version == .one ? Int(Int16(truncatingIfNeeded: rank).byteSwapped) : rank.byteSwapped
    guard (1...7).contains(swapped) else {
      return .header(.headerDim, "dim[0]", expected: "1 to 7", found: "\(rank)")
    }
    return .header(
      .headerEndian, "byte order", expected: "\(fields.byteOrder.rawValue) numbers, as sizeof_hdr is stored",
      found: "dim[0] in the other byte order")
  }

  /// Whole frames and their number. `Shape` holds fewer than 2⁵⁹ voxels, and no scan may have more.
  private static func size(of dims: [Int], bytesPerVoxel: Int) throws(ScanFailure) -> (shape: Shape, frames: Int) {
    let lengths = dims + Array(repeating: 1, count: 7 - dims.count)
    var total: Int? = bytesPerVoxel
    for length in lengths { total = total.flatMap { $0.multiplied(by: length) } }
    guard let shape = Shape(i: lengths[0], j: lengths[1], k: lengths[2]), let total, total < 1 << 62 else {
      throw .header(
        .headerOverflow, "dim", expected: "fewer than 2^62 bytes of voxels",
        found: "\(dims.map(String.init).joined(separator: "×")) voxels of \(bytesPerVoxel) bytes")
    }
    return (shape, total / bytesPerVoxel / shape.count)
  }

  private mutating func checkBitpix(of voxelType: VoxelType) throws(ScanFailure) {
    let bitpix = fields.integer(.bitpix)
    if bitpix == 0 {
      warn("bitpix-zero", "bitpix is 0, \(voxelType.rawValue) has \(8 * voxelType.bytes)")
    } else if bitpix != 8 * voxelType.bytes {
      // The file's length shows which of the two is right: were it not the type, bytes would be missing or left over.
      let fault = ScanFailure.header(
        .headerBitpix, "bitpix", expected: "\(8 * voxelType.bytes) for \(voxelType.rawValue)", found: "\(bitpix)")
      try tolerate(fault, as: "bitpix-wrong", using: "datatype was used")
      fields.set(.bitpix, integer: 8 * voxelType.bytes)
    }
  }
}

/// Every type that NIfTI defines, whether medfilter filters it or not.
private struct StoredType {
  let name: String
  let bytes: Int
  let voxelType: VoxelType?

  /// `nil` for codes that are not defined, and for 0 (unknown) and 1 (a bit per voxel).
  init?(code: Int) {
    if let type = Int16(exactly: code).flatMap(VoxelType.init(code:)) {
      (name, bytes, voxelType) = (type.rawValue, type.bytes, type)
    } else if let (name, bytes) = Self.unsupported[code] {
      (self.name, self.bytes, voxelType) = (name, bytes, nil)
    } else {
      return nil
    }
  }

  private static let unsupported: [Int: (name: String, bytes: Int)] = [
    32: ("complex64", 8), 1792: ("complex128", 16), 128: ("RGB24", 3), 2304: ("RGBA32", 4),
    1536: ("float128, whose layout depends on the machine that wrote it", 16),
    2048: ("complex256, whose layout depends on the machine that wrote it", 32),
  ]
}

extension Int {
  /// `nil` when the product does not fit.
  func multiplied(by other: Int) -> Int? {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? nil : product
  }
}
