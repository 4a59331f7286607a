import CNIfTI
import Volumes

/// What libnifti makes of a header that we accepted. Both must agree; the orientation matrices are then libnifti's.
struct SecondOpinion {
  let opinion: cnifti_opinion

  init(on fields: HeaderFields) throws(ScanFailure) {
    var opinion = cnifti_opinion()
    // The pointer lives for the call; libnifti copies the header first thing.
    let status = fields.bytes.withUnsafeBytes { cnifti_convert($0.baseAddress, $0.count, &opinion) }
    guard status == 0 else { throw .disagreement("header", ours: "accepted", theirs: "refused") }
    self.opinion = opinion
  }

  /// Voxel to world by the quaternion, in the header's unit.
  var qform: [[Double]] { Self.rows(opinion.qform) }
  /// Voxel to world by the three rows, in the header's unit.
  var sform: [[Double]] { Self.rows(opinion.sform) }

  // A C array of arrays arrives as nested tuples.
  private static func rows(
    _ m: (
      (Double, Double, Double, Double), (Double, Double, Double, Double), (Double, Double, Double, Double)
    )
  ) -> [[Double]] {
    [m.0, m.1, m.2].map { [$0.0, $0.1, $0.2, $0.3] }
  }

  private var dim: [Int] {
    let d = opinion.dim
    return [d.0, d.1, d.2, d.3, d.4, d.5, d.6, d.7].map(Int.init)
  }

  /// Compares everything that changes voxels or where they lie.
  func confirm(_ checks: HeaderChecks, grid: Grid, voxelOffset: Int) throws(ScanFailure) {
    let fields = checks.fields
    try same("dim", [grid.dims.count] + grid.dims, Array(dim.prefix(1 + grid.dims.count)))
    try same("voxels", grid.dims.reduce(1, *), Int(opinion.voxels))
    try same("datatype", Int(grid.voxelType.code), Int(opinion.datatype))
    try same("bytes per voxel", grid.voxelType.bytes, Int(opinion.bytes_per_voxel))
    try same("byte order", fields.byteOrder, opinion.big_endian == 1 ? .bigEndian : .littleEndian)
    try same("vox_offset", voxelOffset, Int(opinion.voxel_offset))
    // libnifti turns what is not finite into 0, which means "not scaled" as it does here.
    try same("scl_slope", fields.real(.slope).finiteOrZero, opinion.slope)
    try same("scl_inter", fields.real(.intercept).finiteOrZero, opinion.intercept)
    try same("unit of length", fields.integer(.units) & 7, Int(opinion.space_units))
    try same("qform_code", max(0, fields.integer(.qformCode)), Int(opinion.qform_code))
    try same("sform_code", max(0, fields.integer(.sformCode)), Int(opinion.sform_code))
    if opinion.sform_code > 0 { try same("sform", checks.storedRows, sform) }
    if opinion.qform_code > 0 { try confirmColumns(fields, rank: grid.dims.count) }
  }

  /// The columns of the quaternion's matrix are as long as the voxels are large.
  private func confirmColumns(_ fields: HeaderFields, rank: Int) throws(ScanFailure) {
    for axis in 0..<min(rank, 3) {
      let spacing = fields.real(.pixdim, axis + 1)
      let length = norm(qform.map { $0[axis] })
      guard abs(length - spacing) <= 1e-6 * spacing else {
        throw .disagreement("qform column \(axis)", ours: "\(spacing)", theirs: "\(length)")
      }
    }
  }

  private func same<Fact: Equatable>(_ subject: String, _ ours: Fact, _ theirs: Fact) throws(ScanFailure) {
    guard ours == theirs else { throw .disagreement(subject, ours: "\(ours)", theirs: "\(theirs)") }
  }
}

extension ScanFailure {
  fileprivate static func disagreement(_ subject: String, ours: String, theirs: String) -> ScanFailure {
    .header(
      .libraryDisagrees, subject, expected: "\(ours), as medfilter reads it", found: "\(theirs), as libnifti reads it",
      advice: "please report this")
  }
}

extension Double {
  fileprivate var finiteOrZero: Double { isFinite ? self : 0 }
}
