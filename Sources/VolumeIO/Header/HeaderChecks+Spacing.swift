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
        if !(stored.isFinite && Self.plausibleSpacing.contains(unit.millimetres(stored))) { length = 1 }
      } else if stored == 0 {
        zeros.append(axis)
        warn(Leniency.pixdimZero.findingCode, "pixdim[\(number)] is 0, 1 is assumed")
        length = 1
      } else {
        length = try usable(stored, number, unit)
      }
      if length != stored { fields.set(.pixdim, number, real: length) }
      spacing[axis] = unit.millimetres(length)
    }
    return (spacing, zeros)
  }

  private mutating func usable(_ stored: Double, _ number: Int, _ unit: LengthUnit) throws(ScanFailure) -> Double {
    let length = abs(stored)
    guard length.isFinite, Self.plausibleSpacing.contains(unit.millimetres(length)) else {
      throw .header(
        .headerSpacing, "pixdim[\(number)]", expected: "1e-6 to 1e4 mm",
        found: stored.isFinite ? "\(unit.millimetres(stored)) mm" : "\(stored)")
    }
    guard stored < 0 else { return stored }
    guard leniencies.contains(.pixdimAbs) else {
      throw .header(.headerSpacing, "pixdim[\(number)]", expected: "above 0", found: "\(stored)", unless: .pixdimAbs)
    }
    warn(Leniency.pixdimAbs.findingCode, "pixdim[\(number)] is \(stored), its absolute value was used")
    return length
  }
}
