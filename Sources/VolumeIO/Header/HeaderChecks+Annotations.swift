extension HeaderChecks {
  /// Fields that change nothing here, but that other programs may stumble over. All are copied as they are.
  mutating func checkAnnotations() {
    let intent = fields.integer(.intentCode)
    if !Self.knownIntents.contains(where: { $0.contains(intent) }) {
      warn("intent-code-unknown", "intent_code is \(intent)")
    }
    checkAxesOfAcquisition()
    let (start, end) = (fields.integer(.sliceStart), fields.integer(.sliceEnd))
    if start < 0 || end < start { warn("slice-range-odd", "slice_start is \(start), slice_end \(end)") }
    let order = fields.integer(.sliceCode)
    if !(0...6).contains(order) { warn("slice-code-unknown", "slice_code is \(order)") }
  }

  /// Statistics, then kinds of data, then surfaces and FSL's fields of nifti1.h; CIFTI-2 adds 3000 to 3015.
  private static let knownIntents = [0...0, 2...24, 1001...1011, 2001...2009, 2016...2018, 3000...3015]

  /// `dim_info`: two bits each for the axes of frequency, phase and slice encoding, 0 for unknown.
  private mutating func checkAxesOfAcquisition() {
    let packed = fields.integer(.dimInfo) & 0xFF
    let axes = [packed & 3, packed >> 2 & 3, packed >> 4 & 3].filter { $0 != 0 }
    if packed > 0x3F || Set(axes).count < axes.count { warn("dim-info-odd", "dim_info is \(packed)") }
  }
}
