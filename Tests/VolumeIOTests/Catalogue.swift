import Testing
import VolumeIO
import Volumes

/// One row of the catalogue of damaged headers: what is done to a good header, and what must come of it.
struct CatalogueRow: Sendable, CustomTestStringConvertible {
  enum Verdict: Sendable, Equatable {
    case refused(FailureClass)
    /// Accepted, with exactly these findings.
    case accepted([String])
  }

  let name: String
  let verdict: Verdict
  let leniencies: Set<Leniency>
  let builder: HeaderBuilder

  var testDescription: String { name }

  static func refuse(
    _ name: String, _ failureClass: FailureClass, _ builder: HeaderBuilder = HeaderBuilder(),
    accepting leniencies: Set<Leniency> = [], _ damage: (inout HeaderBuilder) -> Void
  ) -> CatalogueRow {
    row(name, .refused(failureClass), leniencies, builder, damage)
  }

  static func accept(
    _ name: String, findings: [String] = [], _ builder: HeaderBuilder = HeaderBuilder(),
    accepting leniencies: Set<Leniency> = [], _ damage: (inout HeaderBuilder) -> Void
  ) -> CatalogueRow {
    row(name, .accepted(findings), leniencies, builder, damage)
  }

  private static func row(
    _ name: String, _ verdict: Verdict, _ leniencies: Set<Leniency>, _ builder: HeaderBuilder,
    _ damage: (inout HeaderBuilder) -> Void
  ) -> CatalogueRow {
    var damaged = builder
    damage(&damaged)
    return CatalogueRow(name: name, verdict: verdict, leniencies: leniencies, builder: damaged)
  }

  static let all =
    identity + dimensions + offsets + types + scalings + spacings + orientations + annotations + extensions

  private static let two = HeaderBuilder(.two)
  private static let pair = HeaderBuilder(form: .pair)
}

extension CatalogueRow {
  static let identity: [CatalogueRow] = [
    refuse("f01 nothing at all", .emptyFile) { ($0.header, $0.tail) = ([], []) },
    refuse("f05b 347 bytes", .truncated) { ($0.header, $0.tail) = ($0.header.dropLast(), []) },
    refuse("a header without its extender", .truncated) { $0.tail = [] },
    refuse("half an extender", .truncated) { $0.tail = [0, 0] },
    refuse("h01 sizeof_hdr 0", .headerSize) { $0.set("sizeof_hdr", 0) },
    refuse("h02 sizeof_hdr 349", .headerSize) { $0.set("sizeof_hdr", 349) },
    refuse("h02b sizeof_hdr 540, magic n+1", .headerMagic) { $0.set("sizeof_hdr", 540) },
    refuse("h36 ni1 in a single file", .headerMagic) { $0.set("magic", text: "ni1") },
    refuse("h37 magic abc", .headerMagic) { $0.set("magic", text: "abc") },
    refuse("h38 n+2 on 348 bytes", .headerMagic) { $0.set("magic", text: "n+2") },
    refuse("h38b n+9", .headerMagic) { $0.set("magic", text: "n+9") },
    refuse("h38c n+1x", .headerMagic) { $0.set("magic", text: "n+1x") },
    refuse("h38d no magic", .headerMagic) { $0.set("magic", text: "\0\0\0\0") },
    refuse("an01 ANALYZE 7.5 pair", .analyzeFormat, pair) { $0.set("magic", text: "\0\0\0\0") },
    refuse("p06 n+1 in a .hdr", .headerMagic, pair) { $0.set("magic", text: "n+1") },
    refuse("n2_13 line ends rewritten", .headerLineEnds, two) {
      $0.header.replaceSubrange(8..<12, with: [0x0A, 0x1A, 0x0A, 0])
    },
    refuse("n2_14 n+1 on 540 bytes", .headerMagic, two) { $0.set("magic", text: "n+1") },
    refuse("n2_14b n+3 on 540 bytes", .headerMagic, two) { $0.set("magic", text: "n+3") },
    refuse("n2_15 cut at 400", .truncated, two) { ($0.header, $0.tail) = (Array($0.header.prefix(400)), []) },
    refuse("NIfTI-2 cut at 8", .truncated, two) { ($0.header, $0.tail) = (Array($0.header.prefix(8)), []) },
    accept("h39 big-endian", HeaderBuilder(.one, .bigEndian)) { _ in },
    accept("h39 big-endian NIfTI-2", HeaderBuilder(.two, .bigEndian)) { _ in },
    refuse("h39b sizeof_hdr in the other byte order", .headerEndian, HeaderBuilder(.one, .bigEndian)) {
      $0.header.replaceSubrange(0..<4, with: [0x5C, 1, 0, 0])
    },
    refuse("h39b the same in NIfTI-2", .headerEndian, HeaderBuilder(.two, .bigEndian)) {
      $0.header.replaceSubrange(0..<4, with: [0x1C, 2, 0, 0])
    },
    refuse("a01 text header", .unknownFormat) { $0.header = Array("<nifti_image\n image_filename='x.nia'".utf8) },
    refuse("d12 DICOM", .unknownFormat) {
      $0.header = Array(repeating: 0, count: 128) + Array("DICM".utf8) + Array(repeating: 1, count: 400)
    },
    refuse("d12b PNG", .unknownFormat) { $0.header = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] },
    refuse("d12c three bytes", .unknownFormat) { ($0.header, $0.tail) = ([1, 2, 3], []) },
    refuse("g14 gzip within gzip", .unknownFormat) { $0.header = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] },
  ]

  static let dimensions: [CatalogueRow] = [
    refuse("h03 dim[0] 0", .headerDim) { $0.set("dim", 0) },
    refuse("h04 dim[0] 8", .headerDim) { $0.set("dim", 8) },
    refuse("h05 dim[0] -3", .headerDim) { $0.set("dim", -3) },
    refuse("h05b dim[0] 32767", .headerDim) { $0.set("dim", 32767) },
    refuse("h06 dim[1] 0", .headerDim) { $0.set("dim", at: 1, 0) },
    refuse("h07 dim[2] -5", .headerDim) { $0.set("dim", at: 2, -5) },
    refuse("h08 dim[3] 0", .headerDim) { $0.set("dim", at: 3, 0) },
    refuse("h08b dim[1] -4", .headerDim) { $0.set("dim", at: 1, -4) },
    refuse("dim[7] 0 within dim[0]", .headerDim) { $0.set("dim", [7, 1, 1, 1, 1, 1, 1, 0]) },
    accept("h09 dim[5] 99 above dim[0]", findings: ["dim-unused"]) { $0.set("dim", at: 5, 99) },
    refuse("h11 2^64 bytes", .headerOverflow) {
      $0.set("dim", [5, 16384, 16384, 16384, 16384, 16, 1, 1])
      $0.set("datatype", 1792)
      $0.set("bitpix", 128)
    },
    refuse("h12 2^63 voxels", .headerOverflow) { $0.set("dim", [7] + Array(repeating: 512, count: 7)) },
    refuse("h12b 32767^7", .headerOverflow) { $0.set("dim", [7] + Array(repeating: 32767, count: 7)) },
    refuse("h12c 2^64 voxels", .headerOverflow) { $0.set("dim", [5, 16384, 16384, 16384, 16384, 256, 1, 1]) },
    refuse("n2_01 dim[0] 8", .headerDim, two) { $0.set("dim", 8) },
    refuse("n2_02 dim[0] 100", .headerDim, two) { $0.set("dim", 100) },
    refuse("n2_03 dim[0] 10^6", .headerDim, two) { $0.set("dim", 1_000_000) },
    refuse("n2_03b dim[0] 2^40", .headerDim, two) { $0.set("dim", 1 << 40) },
    refuse("n2_05 dim[0] -1", .headerDim, two) { $0.set("dim", -1) },
    refuse("n2_05b dim[0] 0", .headerDim, two) { $0.set("dim", 0) },
    refuse("n2_07 2^62 × 2", .headerOverflow, two) { $0.set("dim", [2, 1 << 62, 2, 1, 1, 1, 1, 1]) },
    refuse("n2_08 2^63 - 1", .headerOverflow, two) { $0.set("dim", [1, .max, 1, 1, 1, 1, 1, 1]) },
    refuse("n2_08b 2^63 - 1 of one byte", .headerOverflow, two) {
      $0.set("dim", [1, .max, 1, 1, 1, 1, 1, 1])
      $0.set("datatype", 2)
      $0.set("bitpix", 8)
    },
    refuse("n2_09 bytes wrap to 0", .headerOverflow, two) { $0.set("dim", [3, 1 << 32, 1 << 30, 2, 1, 1, 1, 1]) },
    accept("lim2 more than 2^31 voxels, big-endian", HeaderBuilder(.one, .bigEndian)) {
      $0.set("dim", [3, 2048, 2048, 1024, 1, 1, 1, 1])
    },
  ]

  static let offsets: [CatalogueRow] = [
    refuse("h17 0", .headerOffset) { $0.setOffset(0) },
    accept("h17 0, allowed", findings: ["vox-offset-zero"], accepting: [.voxOffsetZero]) { $0.setOffset(0) },
    refuse("0 with extensions cannot be allowed", .headerOffset, accepting: [.voxOffsetZero]) {
      $0.setOffset(0)
      $0.tail[0] = 1
    },
    refuse("h18 100", .headerOffset) { $0.setOffset(100) },
    refuse("h19 348", .headerOffset) { $0.setOffset(348) },
    refuse("h20 beyond the file", .headerOffset) { $0.setOffset(1_000_000) },
    refuse("h21 NaN", .headerOffset) { $0.set("vox_offset", real: .nan) },
    refuse("h22 infinity", .headerOffset) { $0.set("vox_offset", real: .infinity) },
    refuse("h23 -400", .headerOffset) { $0.setOffset(-400) },
    refuse("h25 352.7", .headerOffset) { $0.set("vox_offset", real: 352.7) },
    refuse("h26 2^24 + 1", .headerOffset) { $0.setOffset(1 << 24 + 1) },
    refuse("h26 2^24 without extensions, in a file that long", .headerOffset) {
      $0.setOffset(1 << 24)
      $0.tail = Array(repeating: 0, count: 1 << 24)
    },
    accept("h26 beyond 2^24, the end of the extensions") {
      $0.insertExtension(code: 6, data: Array(repeating: 1, count: 1 << 24 - 8))
    },
    refuse("h26b 3e9", .headerOffset) { $0.setOffset(3_000_000_000) },
    accept("h26c 356", findings: ["vox-offset-unaligned"]) {
      $0.setOffset(356)
      $0.tail = Array(repeating: 0, count: 60)
    },
    refuse("n2_10 -1", .headerOffset, two) { $0.setOffset(-1) },
    refuse("n2_10b 540", .headerOffset, two) { $0.setOffset(540) },
    refuse("n2_10c 0", .headerOffset, two, accepting: [.voxOffsetZero]) { $0.setOffset(0) },
    refuse("n2_12 2^62", .headerOffset, two) { $0.setOffset(1 << 62) },
    refuse("p05 pair, -16", .headerOffset, pair) { $0.setOffset(-16) },
    accept("pair, 0", pair) { $0.setOffset(0) },
    accept("pair, 352", pair) { $0.setOffset(352) },
    accept("a gap of zeros", HeaderBuilder(.two)) {
      $0.setOffset(544 + 32)
      $0.tail = Array(repeating: 0, count: 200)
    },
    accept("a gap of something", findings: ["header-gap"]) {
      $0.setOffset(352 + 32)
      $0.tail += Array(repeating: 1, count: 100)
    },
  ]

  static let types: [CatalogueRow] =
    [0, 1, 3, 255, -4].map { code in
      refuse("h27-29 datatype \(code)", .headerType) { $0.set("datatype", code) }
    }
    + [(32, 64), (1792, 128), (128, 24), (2304, 32), (1536, 128), (2048, 256)].map { code, bits in
      refuse("h49a-c datatype \(code)", .unsupportedType) {
        $0.set("datatype", code)
        $0.set("bitpix", bits)
      }
    }
    + VoxelType.allCases.map { type in
      accept("h49d \(type.rawValue)") {
        $0.set("datatype", Int(type.code))
        $0.set("bitpix", 8 * type.bytes)
      }
    } + [
      refuse("h30 int16 of 32 bits", .headerBitpix) { $0.set("bitpix", 32) },
      accept("h30b bitpix 0", findings: ["bitpix-zero"]) { $0.set("bitpix", 0) },
    ]

  static let scalings: [CatalogueRow] = [
    accept("no scaling") { $0.set("scl_slope", real: 0) },
    accept("slope and intercept") {
      $0.set("scl_slope", real: 0.25)
      $0.set("scl_inter", real: -1024)
    },
    accept("h31 slope NaN", findings: ["slope-not-a-number"]) { $0.set("scl_slope", real: .nan) },
    accept("h31 both NaN", findings: ["slope-not-a-number"]) { $0.set("scl_slope", [Double.nan, .nan]) },
    refuse("h32 slope infinite", .headerScale) { $0.set("scl_slope", real: -.infinity) },
    accept("h33 slope 0, intercept 5", findings: ["intercept-ignored"]) { $0.set("scl_inter", real: 5) },
    refuse("h34 intercept NaN", .headerScale) { $0.set("scl_slope", [2, Double.nan]) },
    refuse("h34b intercept infinite", .headerScale) { $0.set("scl_slope", [2, Double.infinity]) },
    accept("h35 slope 1e38 is judged by the voxels") { $0.set("scl_slope", real: 1e38) },
  ]

  static let spacings: [CatalogueRow] = [
    accept("h13 pixdim 0", findings: ["pixdim-zero"]) {
      $0.set("pixdim", at: 2, real: 0)
      $0.set("sform_code", 0)
    },
    refuse("h14 pixdim NaN", .headerSpacing) { $0.set("pixdim", at: 1, real: .nan) },
    refuse("h15 pixdim -2", .headerSpacing) { $0.set("pixdim", at: 3, real: -2) },
    accept("h15 pixdim -2.5, allowed", findings: ["pixdim-negative"], accepting: [.pixdimAbs]) {
      $0.set("pixdim", at: 3, real: -2.5)
    },
    refuse("h16 pixdim infinite", .headerSpacing, accepting: [.pixdimAbs]) {
      $0.set("pixdim", at: 1, real: -.infinity)
    },
    refuse("h16b pixdim 1e-38", .headerSpacing) { $0.set("pixdim", at: 1, real: 1e-38) },
    refuse("h16d pixdim 2e4", .headerSpacing) { $0.set("pixdim", at: 1, real: 2e4) },
    accept("h16c qfac 0") { $0.set("pixdim", at: 0, real: 0) },
    accept("h16c qfac 2", findings: ["qfac-odd"]) { $0.set("pixdim", at: 0, real: 2) },
    accept("qfac NaN", findings: ["qfac-odd"]) { $0.set("pixdim", at: 0, real: .nan) },
    accept("unusable sizes of axes that are not there") {
      $0.set("dim", [1, 4, 1, 1, 1, 1, 1, 1])
      $0.set("pixdim", [1, 1, Double.nan, -.infinity])
    },
    accept("unit unknown", findings: ["units-unknown"]) { $0.set("xyzt_units", 8) },
    accept("h48 xyzt_units 255", findings: ["units-undefined"]) { $0.set("xyzt_units", 255) },
    accept("h48 undefined time", findings: ["units-undefined"]) { $0.set("xyzt_units", 58) },
    accept("h48 undefined NIfTI-2 unit", findings: ["units-undefined"], two) { $0.set("xyzt_units", 4098) },
  ]

  static let orientations: [CatalogueRow] = [
    accept("h40 qform_code -5", findings: ["qform-code-unknown"]) { $0.set("qform_code", -5) },
    accept("h40b qform_code 99", findings: ["qform-code-unknown"]) { $0.set("qform_code", 99) },
    accept("h40c sform_code 77", findings: ["sform-code-unknown"]) { $0.set("sform_code", 77) },
    refuse("h42 quaternion NaN", .headerTransform) { $0.set("quatern", at: 1, real: .nan) },
    refuse("h42b qoffset infinite", .headerTransform) { $0.set("qoffset", at: 2, real: .infinity) },
    accept("quaternion NaN that is not used") {
      $0.set("quatern", at: 1, real: .nan)
      $0.set("qform_code", 0)
    },
    refuse("h43 quaternion too long", .headerTransform) { $0.set("quatern", [0.9, 0.9, 0]) },
    accept("half a turn, rounded up") { $0.set("quatern", [Double(Float(1).nextUp), 0, 0]) },
    refuse("h44 sform all 0", .headerTransform) { $0.set("srow", Array(repeating: 0.0, count: 12)) },
    refuse("h44b two columns alike", .headerTransform) {
      $0.set("srow", [1, 1, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0])
    },
    accept("no third column where there is no third axis") {
      $0.set("dim", [2, 4, 3, 1, 1, 1, 1, 1])
      $0.set("srow", [1, 0, 0, 0, 0, 1.5, 0, 0, 0, 0, 0, 0])
    },
    refuse("h45 sform NaN", .headerTransform) { $0.set("srow", at: 5, real: .nan) },
    refuse("h45b sform offset infinite", .headerTransform) { $0.set("srow", at: 3, real: -.infinity) },
    refuse("an offset in m that is infinite in mm", .headerTransform, two) {
      $0.set("xyzt_units", 1)
      $0.set("srow", at: 3, real: 1e307)
    },
    accept("h46c forms disagree on direction") { $0.set("quatern", [0, 0, 1.0]) },
    accept("h46c forms disagree on size", findings: ["spacing-disagrees"]) { $0.set("srow", at: 0, real: 1.02) },
    accept("no transform at all") {
      $0.set("qform_code", 0)
      $0.set("sform_code", 0)
      $0.set("srow", Array(repeating: Double.nan, count: 12))
    },
  ]

  static let annotations: [CatalogueRow] = [
    accept("h47 intent 9999", findings: ["intent-code-unknown"]) { $0.set("intent_code", 9999) },
    accept("intent time series") { $0.set("intent_code", 2001) },
    accept("h48b dim_info 255", findings: ["dim-info-odd"]) { $0.set("dim_info", 255) },
    accept("dim_info with one axis twice", findings: ["dim-info-odd"]) { $0.set("dim_info", 0b00_11_01_01) },
    accept("dim_info") { $0.set("dim_info", 0b00_11_10_01) },
    accept("h48c slice_end before slice_start", findings: ["slice-range-odd"]) {
      $0.set("slice_start", 5)
      $0.set("slice_end", 3)
    },
    accept("slice_code 7", findings: ["slice-code-unknown"]) { $0.set("slice_code", 7) },
    accept("h48d terminal escapes in text") { $0.set("descrip", text: "\u{1B}[2J\u{1B}]0;x\u{7}") },
  ]

  static let extensions: [CatalogueRow] =
    [("e02", 0), ("e03", -16), ("e04", 20), ("e06", Int(Int32.max) - 15), ("smaller than its head", 8)].map {
      name, size in
      refuse("\(name) esize \(size)", .headerExtension) {
        $0.setOffset(352 + 64)
        $0.tail = [1, 0, 0, 0]
        $0.appendExtension(size: size, code: 6, data: Array(repeating: 0, count: 120))
      }
    } + [
      refuse("e05 esize past the voxels", .headerExtension) {
        $0.setOffset(352 + 32)
        $0.tail = [1, 0, 0, 0]
        $0.appendExtension(size: 48, code: 6, data: Array(repeating: 0, count: 120))
      },
      refuse("e06 esize past the end of a .hdr", .headerExtension, pair) {
        $0.tail[0] = 1
        $0.appendExtension(size: 1 << 25, code: 6, data: Array(repeating: 0, count: 40))
      },
      refuse("e06b over the limit in a .hdr", .headerExtension, pair) {
        $0.tail[0] = 1
        $0.appendExtension(size: 1 << 30, code: 6, data: Array(repeating: 0, count: 40))
      },
      accept("e07 flag set, no room", findings: ["extender-no-room"]) { $0.tail[0] = 1 },
      accept("e07 flag set, end of a .hdr", findings: ["extender-no-room"], pair) { $0.tail[0] = 1 },
      accept("e08 odd code", findings: ["extension-code-unassigned"]) {
        $0.insertExtension(code: 7, data: Array(repeating: 1, count: 24))
      },
      accept("e08b code -1", findings: ["extension-code-unassigned"]) {
        $0.insertExtension(code: -1, data: Array(repeating: 1, count: 24))
      },
      accept("e11 2,000 extensions") { builder in
        for _ in 0..<2000 { builder.insertExtension(code: 4, data: Array(repeating: 1, count: 8)) }
      },
      refuse("e11b 4,097 extensions", .headerExtension) { builder in
        builder.setOffset(352 + 4097 * 16)
        builder.tail = [1, 0, 0, 0]
        for _ in 0..<4097 { builder.appendExtension(size: 16, code: 4, data: Array(repeating: 1, count: 8)) }
      },
      refuse("e12 the second of two is bad", .headerExtension) {
        $0.setOffset(352 + 64)
        $0.tail = [1, 0, 0, 0]
        $0.appendExtension(size: 32, code: 6, data: Array(repeating: 1, count: 24))
        $0.appendExtension(size: 33, code: 6, data: Array(repeating: 1, count: 100))
      },
      refuse("e13 extender 2", .headerExtension) { $0.tail[0] = 2 },
      accept("reserved bytes of the extender", findings: ["extender-reserved"]) { $0.tail[2] = 9 },
      accept("e14 DICOM attributes", findings: ["extension-dicom"]) {
        $0.insertExtension(code: 2, data: Array(repeating: 1, count: 24))
      },
      accept("a .hdr of 348 bytes", pair) { $0.tail = [] },
      accept("a big-endian extension", HeaderBuilder(.one, .bigEndian)) {
        $0.insertExtension(code: 44, data: Array(repeating: 3, count: 40))
      },
    ]
}
