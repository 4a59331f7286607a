import ByteStreams
import Volumes

/// What a NIfTI header says, checked: everything here can be relied on.
///
/// Lengths multiply without overflow, spacings are finite and above 0, the affine is finite, and libnifti reads the same.
/// Header text is not taken apart; it stays in `raw` and is never printed.
package struct ScanHeader: Sendable {
  package let version: NIfTIVersion
  package let byteOrder: ByteOrder
  package let form: HeaderForm
  /// `dim[1...dim[0]]`: i, j, k, time and three more.
  package let dims: [Int]
  /// The grid of one frame.
  package let shape: Shape
  /// The product of all lengths after the third.
  package let frames: Int
  package let voxelType: VoxelType
  /// Identity when the header gives none.
  package let scaling: Scaling
  /// In mm.
  package let spacing: Spacing
  package let lengthUnit: LengthUnit
  /// Axes whose spacing the header leaves at 0, so that 1 stands for it.
  package let axesOfUnknownSpacing: [Axis]
  /// The first voxel's byte in the file that holds the voxels.
  package let voxelOffset: Int
  package let affine: Affine
  package let affineSource: AffineSource
  /// As stored: 0 or below means that there is no such transform.
  package let qformCode: Int
  package let sformCode: Int
  /// The 348 or 540 bytes as they are in the file.
  package let raw: [UInt8]
  package let extensions: [HeaderExtension]
  package let findings: [Finding]

  package var hasScaling: Bool { scaling != .identity }
  package var unitsKnown: Bool { lengthUnit != .unknown }
  package var frameBytes: Int { shape.count * voxelType.bytes }
  /// Of all frames, as stored.
  package var voxelBytes: Int { frameBytes * frames }

  /// What the affine was made from; the first of these that the header has.
  package enum AffineSource: String, Sendable, Hashable {
    case sform, qform, spacing
  }
}

extension ScanHeader {
  /// Reads a header from the beginning of `source`, and leaves `source` at the first voxel of a single file, or at the
  /// end of a `.hdr`.
  ///
  /// - Throws: the refusals of the catalogue; nothing is allocated from what the header claims.
  package static func parse(
    from source: any ByteSource, form: HeaderForm, leniencies: Set<Leniency> = []
  ) throws(ScanFailure) -> ScanHeader {
    var stream = HeaderStream(source)
    let raw = try readRaw(&stream, form: form)
    return try ScanHeader(raw, &stream, form: form, leniencies: leniencies)
  }

  private static func readRaw(_ stream: inout HeaderStream, form: HeaderForm) throws(ScanFailure) -> HeaderFields {
    let start = try stream.take(upTo: NIfTIVersion.one.headerBytes)
    let signature = try Signature(start, form: form)
    let length = signature.version.headerBytes
    let bytes = start + (try stream.take(upTo: length - start.count))
    guard let fields = HeaderFields(bytes, version: signature.version, byteOrder: signature.byteOrder) else {
      throw .truncatedHeader(expected: length, found: bytes.count)
    }
    return fields
  }

  /// The order of the checks is the order of what the reader of an error should hear first.
  private init(
    _ fields: HeaderFields, _ stream: inout HeaderStream, form: HeaderForm, leniencies: Set<Leniency>
  ) throws(ScanFailure) {
    var checks = HeaderChecks(fields, form: form, leniencies: leniencies)
    let grid = try checks.grid()
    let rank = grid.dims.count
    let voxelOffset = try checks.voxelOffset()
    let scaling = try checks.scaling()
    let unit = checks.lengthUnit()
    let (spacing, zeros) = try checks.spacing(rank: rank, unit: unit)
    try checks.checkOrientation(rank: rank)
    checks.compareSpacing(spacing, unit: unit, rank: rank)
    checks.checkAnnotations()
    let second = try SecondOpinion(on: checks.fields)
    try second.confirm(checks, grid: grid, voxelOffset: voxelOffset)
    let extensions = try checks.readExtensions(&stream, voxelOffset: voxelOffset)

    version = fields.version
    byteOrder = fields.byteOrder
    self.form = form
    dims = grid.dims
    shape = grid.shape
    frames = grid.frames
    voxelType = grid.voxelType
    self.scaling = scaling
    self.spacing = spacing
    lengthUnit = unit
    axesOfUnknownSpacing = leniencies.contains(.pixdimZero) ? [] : zeros
    self.voxelOffset = voxelOffset
    (affine, affineSource) = try second.affine(spacing: spacing, unit: unit)
    qformCode = fields.integer(.qformCode)
    sformCode = fields.integer(.sformCode)
    raw = fields.bytes
    self.extensions = extensions
    findings = checks.findings
  }

  /// For filters whose size is given in mm, which mean nothing along an axis of unknown spacing.
  package func requireSpacing() throws(ScanFailure) {
    guard let axis = axesOfUnknownSpacing.first else { return }
    throw .header(
      .headerSpacing, "pixdim[\(axis.rawValue + 1)]", expected: "above 0 for a filter in mm", found: "0",
      unless: .pixdimZero)
  }
}

extension HeaderChecks {
  /// Reads on to the first voxel of a single file, or to the end of a `.hdr`.
  mutating func readExtensions(
    _ stream: inout HeaderStream, voxelOffset: Int
  ) throws(ScanFailure) -> [HeaderExtension] {
    let room = form == .singleFile ? voxelOffset - version.fixedBytes : nil
    var reader = ExtensionReader(room: room, byteOrder: fields.byteOrder)
    try reader.read(&stream, version: version)
    // Voxels or extensions after the extender? Nobody can say.
    if offsetIsAssumed, reader.announced {
      throw wrongOffset(expected: "the end of the extensions, which the extender announces", found: "0")
    }
    findings += reader.findings
    if form == .singleFile { try closeGap(&stream, voxelOffset: voxelOffset) }
    return reader.extensions
  }

  /// Bytes between the extensions and the voxels belong to nobody.
  private mutating func closeGap(_ stream: inout HeaderStream, voxelOffset: Int) throws(ScanFailure) {
    let gap = voxelOffset - stream.consumed
    // From 2²⁴ on float32 cannot hold every offset, so one that does not follow from the extensions may be any.
    if gap > 0, version == .one, voxelOffset >= 1 << 24 {
      throw wrongOffset(expected: "the end of the extensions, \(stream.consumed)", found: "\(voxelOffset)")
    }
    let (skipped, notZero) = try stream.skip(gap)
    guard skipped == gap else {
      throw wrongOffset(expected: "an offset within the file's \(stream.consumed) bytes", found: "\(voxelOffset)")
    }
    if notZero > 0 { warn("header-gap", "\(gap) bytes before the voxels belong to no extension and are not copied") }
  }
}

extension SecondOpinion {
  /// Voxel to world in mm: sform if there is one, else qform, else the spacing alone.
  func affine(spacing: Spacing, unit: LengthUnit) throws(ScanFailure) -> (Affine, ScanHeader.AffineSource) {
    if opinion.sform_code > 0 { return (try Self.millimetres(sform, unit), .sform) }
    if opinion.qform_code > 0 { return (try Self.millimetres(qform, unit), .qform) }
    return (Affine(rows: [[spacing.i, 0, 0, 0], [0, spacing.j, 0, 0], [0, 0, spacing.k, 0]]), .spacing)
  }

  private static func millimetres(_ rows: [[Double]], _ unit: LengthUnit) throws(ScanFailure) -> Affine {
    let rows = rows.map { $0.map(unit.millimetres) }
    // NIfTI-2 can hold lengths in m that are too large in mm.
    guard rows.joined().allSatisfy(\.isFinite) else {
      throw .header(.headerTransform, "affine", expected: "finite numbers", found: "one that is not")
    }
    return Affine(rows: rows)
  }
}
