import Volumes

/// Takes a header apart field by field; each topic has a file of its own.
///
/// A check refuses (throws), or warns (adds a finding). Refused is what the voxels depend on; what else is odd is refused by
/// the strict policy only, see Headers.md. What was replaced is written into `fields` too, so that libnifti judges the header
/// that is used; the file's own bytes go into the output.
struct HeaderChecks {
  var fields: HeaderFields
  let form: HeaderForm
  let leniencies: Set<Leniency>
  let policy: HeaderPolicy
  var findings: [Finding] = []
  /// `vox_offset` was 0 and the job allows that.
  var offsetIsAssumed = false
  /// Why the place of the voxels in the world is not to be relied on, although the header gives one.
  var affineFault: ScanFailure?

  init(_ fields: HeaderFields, form: HeaderForm, leniencies: Set<Leniency>, policy: HeaderPolicy) {
    self.fields = fields
    self.form = form
    self.leniencies = leniencies
    self.policy = policy
  }

  var version: NIfTIVersion { fields.version }

  /// Adds a finding in place of a refusal, where the job does not want odd headers refused.
  mutating func tolerate(_ failure: ScanFailure, as code: String, using used: String) throws(ScanFailure) {
    findings.append(try policy.finding(insteadOf: failure, code, using: used))
  }

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
