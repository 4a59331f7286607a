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
    var fault: ScanFailure?
    if fields.integer(.qformCode) > 0, let found = try quaternionFault() {
      try drop(.qformCode, found, as: "qform-unusable", inFavourOf: fields.integer(.sformCode) > 0 ? "sform" : nil)
      fault = found
    }
    if fields.integer(.sformCode) > 0, let found = rowsFault(rank: rank) {
      try drop(.sformCode, found, as: "sform-unusable", inFavourOf: fields.integer(.qformCode) > 0 ? "qform" : nil)
      fault = found
    }
    let hasNone = fields.integer(.qformCode) <= 0 && fields.integer(.sformCode) <= 0
    affineFault = hasNone ? fault : nil
  }

  /// Goes on without one of the two transforms.
  private mutating func drop(
    _ code: HeaderField, _ fault: ScanFailure, as finding: String, inFavourOf other: String?
  ) throws(ScanFailure) {
    try tolerate(fault, as: finding, using: "\(other ?? "the spacing alone") was used")
    fields.set(code, integer: 0)
  }

  /// What makes the quaternion unusable. One that is a little too long is shortened.
  private mutating func quaternionFault() throws(ScanFailure) -> ScanFailure? {
    let (b, c, d) = (fields.real(.quaternion, 0), fields.real(.quaternion, 1), fields.real(.quaternion, 2))
    let numbers = [b, c, d] + (0..<3).map { fields.real(.qformOffset, $0) }
    guard numbers.allSatisfy(\.isFinite) else {
      return .header(.headerTransform, "qform", expected: "finite numbers", found: "one that is not")
    }
    // A half turn has a squared norm of 1, which rounding to float32 can lift by a few parts in ten million.
    let squaredNorm = b * b + c * c + d * d
    if squaredNorm <= 1 + 1e-6 { return nil }
    let fault = ScanFailure.header(
      .headerTransform, "quatern_b, c, d", expected: "a norm of at most 1", found: "\(squaredNorm.squareRoot())")
    guard squaredNorm <= 1 + Self.shortenedQuaternion else { return fault }
    try tolerate(fault, as: "quaternion-too-long", using: "it was shortened to 1, as libnifti does")
    return nil
  }

  /// By so much the squared norm may exceed 1 and still mean a half turn: the angle is wrong by less than 2 degrees.
  private static let shortenedQuaternion = 1e-3

  /// What makes the rows of sform unusable.
  private func rowsFault(rank: Int) -> ScanFailure? {
    guard storedRows.joined().allSatisfy(\.isFinite) else {
      return .header(.headerTransform, "sform", expected: "finite numbers", found: "one that is not")
    }
    guard hasIndependentRows(rank: rank) else {
      return .header(.headerTransform, "sform", expected: "independent axes", found: "a singular matrix")
    }
    return nil
  }

  private func hasIndependentRows(rank: Int) -> Bool { Self.areIndependent(Array(columns.prefix(min(rank, 3)))) }

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

  /// How long sform says that a voxel is along an axis, in the header's unit; `nil` where it says nothing usable.
  func lengthBySform(_ axis: Axis, rank: Int) -> Double? {
    guard fields.integer(.sformCode) > 0, rowsFault(rank: rank) == nil else { return nil }
    return norm(columns[axis.rawValue])
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
