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
  /// Why the affine is not to be relied on, although the header gives one.
  private let affineFault: ScanFailure?
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
    from source: any ByteSource, form: HeaderForm, leniencies: Set<Leniency> = [], policy: HeaderPolicy = .tolerant
  ) throws(ScanFailure) -> ScanHeader {
    var stream = HeaderStream(source)
    let raw = try readRaw(&stream, form: form)
    return try ScanHeader(raw, &stream, HeaderChecks(raw, form: form, leniencies: leniencies, policy: policy))
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
    _ fields: HeaderFields, _ stream: inout HeaderStream, _ checks: HeaderChecks
  ) throws(ScanFailure) {
    var checks = checks
    try checks.requireVolume()
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
    try checks.requireVolume(grid, extensions)
    let (affine, source) = try checks.affine(by: second, spacing: spacing, unit: unit)

    version = fields.version
    byteOrder = fields.byteOrder
    form = checks.form
    dims = grid.dims
    shape = grid.shape
    frames = grid.frames
    voxelType = grid.voxelType
    self.scaling = scaling
    self.spacing = spacing
    lengthUnit = unit
    axesOfUnknownSpacing = checks.leniencies.contains(.pixdimZero) ? [] : zeros
    self.voxelOffset = voxelOffset
    (self.affine, affineSource) = (affine, source)
    affineFault = checks.affineFault
    qformCode = fields.integer(.qformCode)
    sformCode = fields.integer(.sformCode)
    raw = fields.bytes
    self.extensions = extensions
    findings = checks.findings
  }

  /// For whoever compares where two scans lie.
  package func requireAffine() throws(ScanFailure) {
    if let affineFault { throw affineFault }
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
    try reader.read(&stream, version: version, policy)
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

extension HeaderChecks {
  /// Voxel to world in mm: sform if there is one, else qform, else the spacing alone.
  fileprivate mutating func affine(
    by second: SecondOpinion, spacing: Spacing, unit: LengthUnit
  ) throws(ScanFailure) -> (Affine, ScanHeader.AffineSource) {
    let alone = Affine(rows: [[spacing.i, 0, 0, 0], [0, spacing.j, 0, 0], [0, 0, spacing.k, 0]])
    let candidates: [(rows: [[Double]], source: ScanHeader.AffineSource)] =
      (second.opinion.sform_code > 0 ? [(second.sform, .sform)] : [])
      + (second.opinion.qform_code > 0 ? [(second.qform, .qform)] : [])
    guard let first = candidates.first else { return (alone, .spacing) }
    let rows = first.rows.map { $0.map(unit.millimetres) }
    // NIfTI-2 can hold lengths in m that are too large in mm.
    if rows.joined().allSatisfy(\.isFinite) { return (Affine(rows: rows), first.source) }
    let fault = ScanFailure.header(
      .headerTransform, "affine", expected: "finite numbers", found: "one that is not")
    try tolerate(fault, as: "affine-unusable", using: "the spacing alone was used")
    affineFault = fault
    return (alone, .spacing)
  }
}
