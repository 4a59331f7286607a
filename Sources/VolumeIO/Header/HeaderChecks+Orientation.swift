import Volumes

extension HeaderChecks {
  /// `NIFTI_XFORM_*`: 0 unknown to 5 another template.
  static let knownTransformCodes = 0...5

  /// Checks what `qform` and `sform` are made of. A transform whose code is 0 or below is not used and may hold anything.
  mutating func checkOrientation(rank: Int) throws(ScanFailure) {
    for (field, name) in [(HeaderField.qformCode, "qform-code-unknown"), (.sformCode, "sform-code-unknown")] {
      let code = fields.integer(field)
      if !Self.knownTransformCodes.contains(code) { warn(name, "the code is \(code), known are 0 to 5") }
    }
    let handedness = fields.real(.pixdim, 0)
    if ![-1, 0, 1].contains(handedness) {
      warn("qfac-odd", "pixdim[0] is \(handedness), \(handedness < 0 ? "-1" : "1") was used")
    }
    if fields.integer(.qformCode) > 0 { try checkQuaternion() }
    if fields.integer(.sformCode) > 0 { try checkRows(rank: rank) }
  }

  private func checkQuaternion() throws(ScanFailure) {
    let (b, c, d) = (fields.real(.quaternion, 0), fields.real(.quaternion, 1), fields.real(.quaternion, 2))
    let numbers = [b, c, d] + (0..<3).map { fields.real(.qformOffset, $0) }
    guard numbers.allSatisfy(\.isFinite) else {
      throw .header(.headerTransform, "qform", expected: "finite numbers", found: "one that is not")
    }
    // A half turn has a squared norm of 1, which rounding to float32 can lift by a few parts in ten million.
    let squaredNorm = b * b + c * c + d * d
    guard squaredNorm <= 1 + 1e-6 else {
      throw .header(
        .headerTransform, "quatern_b, c, d", expected: "a norm of at most 1", found: "\(squaredNorm.squareRoot())")
    }
  }

  private func checkRows(rank: Int) throws(ScanFailure) {
    guard storedRows.joined().allSatisfy(\.isFinite) else {
      throw .header(.headerTransform, "sform", expected: "finite numbers", found: "one that is not")
    }
    guard Self.areIndependent(Array(columns.prefix(min(rank, 3)))) else {
      throw .header(.headerTransform, "sform", expected: "independent axes", found: "a singular matrix")
    }
  }

  /// Gram-Schmidt: what is left of each column after the others are taken out must be more than rounding.
  private static func areIndependent(_ columns: [[Double]]) -> Bool {
    var basis: [[Double]] = []
    for column in columns {
      let whole = norm(column)
      var rest = column.map { $0 / whole }
      for direction in basis {
        let along = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
        rest = zip(rest, direction).map { $0 - along * $1 }
      }
      let left = norm(rest)
      guard whole > 0, left > 1e-6 else { return false }
      basis.append(rest.map { $0 / left })
    }
    return true
  }

  /// The three rows of `sform` in the header's unit.
  var storedRows: [[Double]] {
    (0..<3).map { row in (0..<4).map { fields.real(.sformRows, 4 * row + $0) } }
  }

  private var columns: [[Double]] { (0..<3).map { axis in storedRows.map { $0[axis] } } }

  /// A scan whose sform and pixdim tell two voxel sizes is filtered by pixdim; whoever reads the log should know.
  mutating func compareSpacing(_ spacing: Spacing, unit: LengthUnit, rank: Int) {
    guard fields.integer(.sformCode) > 0 else { return }
    for axis in Axis.allCases where axis.rawValue < rank {
      let length = unit.millimetres(norm(columns[axis.rawValue]))
      if abs(length - spacing[axis]) > 0.01 * spacing[axis] {
        warn(
          "spacing-disagrees", "along \(axis.name) pixdim says \(spacing[axis]) mm, sform \(length) mm; pixdim is used")
      }
    }
  }
}

func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
