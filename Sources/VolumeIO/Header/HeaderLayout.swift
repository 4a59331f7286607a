/// The two header formats. Both hold the same facts in other places and widths.
package enum NIfTIVersion: Int, Sendable, Hashable {
  case one = 1
  case two = 2

  /// What `sizeof_hdr` says and how long the header is.
  package var headerBytes: Int { self == .one ? 348 : 540 }

  /// Header and extender, the four bytes that say whether extensions follow: where the voxels begin at the earliest.
  package var fixedBytes: Int { headerBytes + 4 }

  /// The signature of a file that holds header and voxels.
  var singleFileMagic: [UInt8] {
    self == .one ? Array("n+1\0".utf8) : Array("n+2\0\r\n\u{1A}\n".utf8)
  }

  /// The signature of a header whose voxels are in a file of their own.
  var pairMagic: [UInt8] {
    self == .one ? Array("ni1\0".utf8) : Array("ni2\0\r\n\u{1A}\n".utf8)
  }

  var magicOffset: Int { self == .one ? 344 : 4 }
}

/// The numbers of a header, arrays as one field. Text and unused bytes have no field: nobody here reads them.
enum HeaderField: CaseIterable {
  case sizeOfHeader, extents, sessionError, dimInfo, dim, intentParameters, intentCode, datatype, bitpix, sliceStart
  case pixdim, voxOffset, slope, intercept, sliceEnd, sliceCode, units, calMax, calMin, sliceDuration, timeOffset
  case glMax, glMin, qformCode, sformCode, quaternion, qformOffset, sformRows
}

/// Where a field stands: `count` numbers of `width` bytes, one after another.
struct FieldPlace {
  let offset: Int
  let width: Int
  let count: Int

  init(_ offset: Int, width: Int, count: Int = 1) {
    self.offset = offset
    self.width = width
    self.count = count
  }
}

extension NIfTIVersion {
  /// `nil` when this version has no such field. Source: nifti1.h and nifti2.h of libnifti.
  func place(of field: HeaderField) -> FieldPlace? {
    self == .one ? Self.placeInOne(field) : Self.placeInTwo(field)
  }

  private static func placeInOne(_ field: HeaderField) -> FieldPlace? {
    switch field {
    case .sizeOfHeader: FieldPlace(0, width: 4)
    case .extents: FieldPlace(32, width: 4)
    case .sessionError: FieldPlace(36, width: 2)
    case .dimInfo: FieldPlace(39, width: 1)
    case .dim: FieldPlace(40, width: 2, count: 8)
    case .intentParameters: FieldPlace(56, width: 4, count: 3)
    case .intentCode: FieldPlace(68, width: 2)
    case .datatype: FieldPlace(70, width: 2)
    case .bitpix: FieldPlace(72, width: 2)
    case .sliceStart: FieldPlace(74, width: 2)
    case .pixdim: FieldPlace(76, width: 4, count: 8)
    case .voxOffset: FieldPlace(108, width: 4)
    case .slope: FieldPlace(112, width: 4)
    case .intercept: FieldPlace(116, width: 4)
    case .sliceEnd: FieldPlace(120, width: 2)
    case .sliceCode: FieldPlace(122, width: 1)
    case .units: FieldPlace(123, width: 1)
    case .calMax: FieldPlace(124, width: 4)
    case .calMin: FieldPlace(128, width: 4)
    case .sliceDuration: FieldPlace(132, width: 4)
    case .timeOffset: FieldPlace(136, width: 4)
    case .glMax: FieldPlace(140, width: 4)
    case .glMin: FieldPlace(144, width: 4)
    case .qformCode: FieldPlace(252, width: 2)
    case .sformCode: FieldPlace(254, width: 2)
    case .quaternion: FieldPlace(256, width: 4, count: 3)
    case .qformOffset: FieldPlace(268, width: 4, count: 3)
    case .sformRows: FieldPlace(280, width: 4, count: 12)
    }
  }

  private static func placeInTwo(_ field: HeaderField) -> FieldPlace? {
    switch field {
    case .sizeOfHeader: FieldPlace(0, width: 4)
    case .extents, .sessionError, .glMax, .glMin: nil
    case .dimInfo: FieldPlace(524, width: 1)
    case .dim: FieldPlace(16, width: 8, count: 8)
    case .intentParameters: FieldPlace(80, width: 8, count: 3)
    case .intentCode: FieldPlace(504, width: 4)
    case .datatype: FieldPlace(12, width: 2)
    case .bitpix: FieldPlace(14, width: 2)
    case .sliceStart: FieldPlace(224, width: 8)
    case .pixdim: FieldPlace(104, width: 8, count: 8)
    case .voxOffset: FieldPlace(168, width: 8)
    case .slope: FieldPlace(176, width: 8)
    case .intercept: FieldPlace(184, width: 8)
    case .sliceEnd: FieldPlace(232, width: 8)
    case .sliceCode: FieldPlace(496, width: 4)
    case .units: FieldPlace(500, width: 4)
    case .calMax: FieldPlace(192, width: 8)
    case .calMin: FieldPlace(200, width: 8)
    case .sliceDuration: FieldPlace(208, width: 8)
    case .timeOffset: FieldPlace(216, width: 8)
    case .qformCode: FieldPlace(344, width: 4)
    case .sformCode: FieldPlace(348, width: 4)
    case .quaternion: FieldPlace(352, width: 8, count: 3)
    case .qformOffset: FieldPlace(376, width: 8, count: 3)
    case .sformRows: FieldPlace(400, width: 8, count: 12)
    }
  }
}
