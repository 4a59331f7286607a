import Volumes

extension ScanHeader {
  /// Seconds from one frame to the next, by `pixdim[4]` and its unit; 0 where the header gives no time above 0. An
  /// unknown unit counts as seconds.
  package var timeStep: Double {
    guard let fields = HeaderFields(raw, version: version, byteOrder: byteOrder) else { return 0 }
    let secondsPerUnit: Double =
      switch fields.integer(.units) & 0x38 {
      case 16: 1e-3
      case 24: 1e-6
      default: 1
      }
    let step = fields.real(.pixdim, 4) * secondsPerUnit
    return step.isFinite && step > 0 ? step : 0
  }
}
