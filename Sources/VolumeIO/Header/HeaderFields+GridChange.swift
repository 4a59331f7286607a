import Volumes

extension HeaderFields {
  /// Moves the header to another grid: lengths, spacing, both transforms and the timing of slices.
  ///
  /// `toffset` and all that does not speak of the grid keep their values. A change that changes nothing leaves every
  /// byte as it was.
  ///
  /// - Throws: `E_HDR_DIM` for a length that this version of NIfTI cannot hold, `E_HDR_PIXDIM` and `E_HDR_XFORM` for
  ///   spacings and transforms that it cannot hold.
  mutating func apply(_ change: GridChange, of input: ScanHeader) throws(ScanFailure) {
    try setLengths(change, of: input)
    if change.newToOld != .identity { try moveTransforms(by: change.newToOld, rank: input.dims.count) }
    try setSpacing(change.spacing, before: input.spacing, unit: input.lengthUnit)
    if let seconds = change.frameSeconds { try setFrameSeconds(seconds) }
    forgetSlices(change, of: input)
  }

  /// Axes after the third stay while the number of frames does. One frame of several makes a 3-D scan, and any other
  /// number a series along t.
  private mutating func setLengths(_ change: GridChange, of input: ScanHeader) throws(ScanFailure) {
    let later =
      change.frames == input.frames ? Array(input.dims.dropFirst(3)) : change.frames == 1 ? [] : [change.frames]
    let lengths = change.shape.lengths.array + later
    let used = (lengths.lastIndex { $0 > 1 } ?? 0) + 1
    let rank = change.frames == input.frames ? max(input.dims.count, used) : max(3, used)
    guard change.shape != input.shape || change.frames != input.frames else { return }
    let largest = version == .one ? Int(Int16.max) : Int.max
    if let axis = lengths.firstIndex(where: { $0 > largest || $0 < 1 }) {
      throw .header(
        .headerDim, "output dim[\(axis + 1)]",
        expected: "a length from 1 to \(largest), as NIfTI-\(version.rawValue) holds",
        found: "\(lengths[axis])")
    }
    let all = [rank] + lengths + Array(repeating: 1, count: max(0, 7 - lengths.count))
    for (index, length) in all.enumerated() { set(.dim, index, integer: length) }
  }

  /// In the header's unit; where the spacing stays, so do the bytes.
  private mutating func setSpacing(_ spacing: Spacing, before: Spacing, unit: LengthUnit) throws(ScanFailure) {
    for axis in Axis.allCases where spacing[axis] != before[axis] {
      set(.pixdim, axis.rawValue + 1, real: unit.stored(spacing[axis]))
      let stored = real(.pixdim, axis.rawValue + 1)
      guard stored.isFinite, stored > 0 else {
        throw .header(
          .headerSpacing, "output pixdim[\(axis.rawValue + 1)]", expected: "a length above 0 that the header can hold",
          found: "\(spacing[axis]) mm")
      }
    }
  }

  /// Seconds in the header's unit of time; a fourth axis in Hz, ppm or rad/s is no time and stays.
  private mutating func setFrameSeconds(_ seconds: Double) throws(ScanFailure) {
    let perSecond: Double
    switch integer(.units) & 0x38 {
    case 0, 8: perSecond = 1
    case 16: perSecond = 1e3
    case 24: perSecond = 1e6
    default: return
    }
    guard (seconds * perSecond).isFinite, seconds >= 0, Float(seconds * perSecond).isFinite else {
      throw .header(.headerSpacing, "output pixdim[4]", expected: "a time of at least 0", found: "\(seconds) s")
    }
    set(.pixdim, 4, real: seconds * perSecond)
  }

  /// When each slice was taken is known only for the slices that were taken, in a series that still is one. Which axes
  /// were read out and encoded is known while the axes run as they did.
  private mutating func forgetSlices(_ change: GridChange, of input: ScanHeader) {
    let axis = Axis(rawValue: (integer(.dimInfo) >> 4 & 3) - 1) ?? .k
    let stays = change.newToOld.keeps(axis) && change.shape[axis] == input.shape[axis]
    if !stays || change.frames == 1 && input.frames > 1 {
      for field in [HeaderField.sliceStart, .sliceEnd, .sliceCode] where integer(field) != 0 { set(field, integer: 0) }
      set(.sliceDuration, real: 0)
    }
    if !change.newToOld.isDiagonal { set(.dimInfo, integer: 0) }
  }
}

extension LengthUnit {
  /// mm in this unit.
  func stored(_ millimetres: Double) -> Double {
    switch self {
    case .metre: millimetres / 1000
    case .micrometre: millimetres * 1000
    case .millimetre, .unknown: millimetres
    }
  }
}
