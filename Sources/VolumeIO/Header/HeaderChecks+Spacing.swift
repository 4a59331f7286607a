import Volumes

/// The unit that a header gives its lengths in.
package enum LengthUnit: String, Sendable, Hashable {
  case metre = "m"
  case millimetre = "mm"
  case micrometre = "µm"
  case unknown

  /// Divided rather than multiplied by 0.001, so that whole numbers of µm are rounded once.
  func millimetres(_ length: Double) -> Double {
    switch self {
    case .metre: length * 1000
    case .micrometre: length / 1000
    case .millimetre, .unknown: length
    }
  }
}

extension HeaderChecks {
  /// No scanner and no microscope makes voxels outside this range; damaged headers do. In mm.
  static let plausibleSpacing = 1e-6...1e4

  /// The unit in the low three bits of `xyzt_units`.
  mutating func lengthUnit() -> LengthUnit {
    // The one-byte field of NIfTI-1 came sign-extended.
    let units = version == .one ? fields.integer(.units) & 0xFF : fields.integer(.units)
    let unit: LengthUnit
    switch units & 7 {
    case 1: unit = .metre
    case 2: unit = .millimetre
    case 3: unit = .micrometre
    default: unit = .unknown
    }
    let time = units & 0x38
    if units & ~0x3F != 0 || units & 7 > 3 || time > 48 {
      warn("units-undefined", "xyzt_units is \(units)")
    } else if unit == .unknown {
      warn("units-unknown", "xyzt_units names no unit of length; mm are assumed")
    }
    return unit
  }

  /// Voxel sizes in mm, and the axes whose size of 0 was taken as 1.
  ///
  /// Axes that `dim[0]` does not count have no size of their own; whatever is stored for them counts as 1 when unusable.
  mutating func spacing(rank: Int, unit: LengthUnit) throws(ScanFailure) -> (spacing: Spacing, zeros: [Axis]) {
    var spacing = Spacing(all: 1)
    var zeros: [Axis] = []
    for axis in Axis.allCases {
      let number = axis.rawValue + 1
      let stored = fields.real(.pixdim, number)
      var length = stored
      if number > rank {
        if !isPlausible(stored, unit) { length = 1 }
      } else if stored == 0 {
        let found = replacement(for: axis, rank: rank, unit)
        if found == nil { zeros.append(axis) }
        warn(
          Leniency.pixdimZero.findingCode,
          found.map { "pixdim[\(number)] is 0, \($0.why): \($0.length) is used" }
            ?? "pixdim[\(number)] is 0, 1 is assumed")
        length = found?.length ?? 1
      } else if let usable = try usable(stored, axis, rank: rank, unit) {
        length = usable
      } else {
        zeros.append(axis)
        length = 1
      }
      if length != stored { fields.set(.pixdim, number, real: length) }
      spacing[axis] = unit.millimetres(length)
    }
    return (spacing, zeros)
  }

  private func isPlausible(_ length: Double, _ unit: LengthUnit) -> Bool {
    length.isFinite && Self.plausibleSpacing.contains(unit.millimetres(length))
  }

  /// What stands for a length that cannot be used: what sform says, or 1 where there is no other voxel along the axis.
  private func replacement(for axis: Axis, rank: Int, _ unit: LengthUnit) -> (length: Double, why: String)? {
    guard policy == .tolerant else { return nil }
    if let length = lengthBySform(axis, rank: rank), isPlausible(length, unit) { return (length, "sform says more") }
    return fields.integer(.dim, axis.rawValue + 1) == 1 ? (1, "the axis has one voxel") : nil
  }

  /// - Returns: `nil` when nobody knows the length; filters in mm have to do without the scan then.
  private mutating func usable(
    _ stored: Double, _ axis: Axis, rank: Int, _ unit: LengthUnit
  ) throws(ScanFailure) -> Double? {
    let (length, number) = (abs(stored), axis.rawValue + 1)
    guard isPlausible(length, unit) else {
      let fault = ScanFailure.header(
        .headerSpacing, "pixdim[\(number)]", expected: "1e-6 to 1e4 mm",
        found: stored.isFinite ? "\(unit.millimetres(stored)) mm" : "\(stored)")
      let found = replacement(for: axis, rank: rank, unit)
      try tolerate(
        fault, as: "pixdim-unusable", using: found.map { "\($0.why): \($0.length) is used" } ?? "1 is assumed")
      return found?.length
    }
    guard stored < 0 else { return stored }
    guard policy == .tolerant || leniencies.contains(.pixdimAbs) else {
      throw .header(.headerSpacing, "pixdim[\(number)]", expected: "above 0", found: "\(stored)", unless: .pixdimAbs)
    }
    warn(Leniency.pixdimAbs.findingCode, "pixdim[\(number)] is \(stored), its absolute value was used")
    return length
  }
}
