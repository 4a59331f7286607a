import Volumes

/// Takes a header apart field by field; each topic has a file of its own.
///
/// A check refuses (throws), or warns (adds a finding). Nothing is repaired unless the job allows it by name, and what was
/// repaired is written into `fields` too, so that libnifti judges the header that is used.
struct HeaderChecks {
  var fields: HeaderFields
  let form: HeaderForm
  let leniencies: Set<Leniency>
  var findings: [Finding] = []
  /// `vox_offset` was 0 and the job allows that.
  var offsetIsAssumed = false

  init(_ fields: HeaderFields, form: HeaderForm, leniencies: Set<Leniency>) {
    self.fields = fields
    self.form = form
    self.leniencies = leniencies
  }

  var version: NIfTIVersion { fields.version }

  mutating func warn(_ code: String, _ detail: String) { findings.append(Finding(code, detail)) }
}

extension ScanFailure {
  static func header(
    _ failureClass: FailureClass, _ subject: String, expected: String, found: String, advice: String? = nil
  ) -> ScanFailure {
    ScanFailure(failureClass, .header, subject, expected: expected, found: found, advice: advice)
  }

  static func header(
    _ failureClass: FailureClass, _ subject: String, expected: String, found: String, unless leniency: Leniency
  ) -> ScanFailure {
    header(
      failureClass, subject, expected: expected, found: found,
      advice: "policy.accept \"\(leniency.rawValue)\" lets it pass")
  }
}
