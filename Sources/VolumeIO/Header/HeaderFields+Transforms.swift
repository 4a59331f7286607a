import Volumes

extension HeaderFields {
  /// Multiplies both transforms by the same new-voxel-to-old-voxel map, so that each keeps its meaning.
  ///
  /// A qform that the map shears has no quaternion any more: it becomes the sform where there is none, with its code,
  /// and goes where there is one. Transforms that are unusable in the input stay as they are.
  ///
  /// - Throws: `E_HDR_XFORM` when the header cannot hold the result.
  mutating func moveTransforms(by map: Affine, rank: Int) throws(ScanFailure) {
    let second = try SecondOpinion(on: self)
    let hasSform = integer(.sformCode) > 0
    let qform = Affine(rows: second.qform).after(map)
    let hasQform = integer(.qformCode) > 0 && hasUsableQuaternion
    if hasSform { try setSform(Affine(rows: second.sform).after(map)) }
    guard hasQform else { return }
    if let rotation = Rotation(columnsOf: qform) { return try setQform(qform, rotation, by: map) }
    if !hasSform {
      try setSform(qform)
      set(.sformCode, integer: integer(.qformCode))
    }
    set(.qformCode, integer: 0)
  }

  private var hasUsableQuaternion: Bool {
    let numbers = (0..<3).map { real(.quaternion, $0) }
    return numbers.allSatisfy(\.isFinite) && norm(numbers) < 1.001
  }

  private mutating func setSform(_ affine: Affine) throws(ScanFailure) {
    for (index, number) in affine.rows.joined().enumerated() {
      set(.sformRows, index, real: number)
      try requireFinite(.sformRows, index, "sform")
    }
  }

  /// A map that only scales and shifts leaves the quaternion's bytes alone.
  private mutating func setQform(_ affine: Affine, _ rotation: Rotation, by map: Affine) throws(ScanFailure) {
    let turns = !map.isDiagonal || (0..<3).contains { map.rows[$0][$0] < 0 }
    if turns {
      for (index, number) in rotation.quaternion.enumerated() { set(.quaternion, index, real: number) }
      set(.pixdim, 0, real: rotation.handedness)
    }
    for axis in 0..<3 {
      set(.qformOffset, axis, real: affine.rows[axis][3])
      try requireFinite(.qformOffset, axis, "qform")
      guard abs(rotation.lengths[axis] / real(.pixdim, axis + 1) - 1) > Rotation.orthogonal else { continue }
      set(.pixdim, axis + 1, real: rotation.lengths[axis])
      try requireFinite(.pixdim, axis + 1, "qform")
    }
  }

  private func requireFinite(_ field: HeaderField, _ index: Int, _ subject: String) throws(ScanFailure) {
    guard !real(field, index).isFinite else { return }
    throw .header(
      .headerTransform, "output \(subject)", expected: "numbers that NIfTI-\(version.rawValue) can hold",
      found: "one that is too large")
  }
}

/// What a qform says of an affine: lengths of its columns, a rotation as a quaternion, and the third axis' sense.
///
/// Source: nifti_mat44_to_quatern of libnifti, for columns that are orthogonal already.
private struct Rotation {
  let lengths: [Double]
  /// 1, or -1 for left-handed axes: the third column of the rotation is then the opposite of the affine's.
  let handedness: Double
  /// b, c, d; a ≥ 0 follows from them.
  let quaternion: [Double]

  /// By so much the cosine of two axes may differ from 0 and still be rounding of a float32 header.
  fileprivate static let orthogonal = 1e-5

  /// `nil` when two columns are not orthogonal, or one has no length.
  init?(columnsOf affine: Affine) {
    let columns = (0..<3).map { column in affine.rows.map { $0[column] } }
    lengths = columns.map(norm)
    guard lengths.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    var unit = zip(columns, lengths).map { column, length in column.map { $0 / length } }
    for (a, b) in [(0, 1), (0, 2), (1, 2)] where abs(Self.dot(unit[a], unit[b])) > Self.orthogonal { return nil }
    handedness = Self.dot(Self.cross(unit[0], unit[1]), unit[2]) < 0 ? -1 : 1
    if handedness < 0 { unit[2] = unit[2].map { -$0 } }
    quaternion = Self.quaternion(of: unit)
  }

  /// Of the four ways to it, the one that divides by the largest part.
  private static func quaternion(of columns: [[Double]]) -> [Double] {
    func r(_ row: Int, _ column: Int) -> Double { columns[column][row] }
    let (x, y, z) = (r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1))
    let (xy, xz, yz) = (r(0, 1) + r(1, 0), r(0, 2) + r(2, 0), r(1, 2) + r(2, 1))
    let (a, b, c, d) = (
      1 + r(0, 0) + r(1, 1) + r(2, 2), 1 + r(0, 0) - r(1, 1) - r(2, 2), 1 + r(1, 1) - r(0, 0) - r(2, 2),
      1 + r(2, 2) - r(0, 0) - r(1, 1)
    )
    let fourfold: [Double]
    switch max(a, b, c, d) {
    case a: fourfold = [a, x, y, z]
    case b: fourfold = [x, b, xy, xz]
    case c: fourfold = [y, xy, c, yz]
    default: fourfold = [z, xz, yz, d]
    }
    let length = norm(fourfold)
    let sign: Double = fourfold[0] < 0 ? -1 : 1
    return fourfold.dropFirst().map { sign * $0 / length }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  private static func cross(_ a: [Double], _ b: [Double]) -> [Double] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  }
}
