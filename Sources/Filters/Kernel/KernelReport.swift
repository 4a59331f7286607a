import Kernels
import StrictJSON
import Volumes

extension KernelSubject {
  /// The document of `medfilter kernel --json`. The terms' outer products sum to the weights as they are written.
  package var report: JSONOutput {
    .object(
      Document.kernel.head + [
        ("name", .string(name)), ("size", .array(size.array.map { .int($0) })),
        ("origin", .array(origin.array.map { .int($0) })), ("integer", .bool(isInteger)),
        ("constant", constant.map { .double($0) } ?? .null), ("rank", .int(rank)),
        ("singular_values", .array(singularValues.map(number))),
        ("unfoldings", perAxis { .array(spectra[$0].map(number)) }),
        ("method", .string(method.rawValue)), ("terms", .array(terms.map(write))), ("bound", .double(bound)),
        (
          "rounding_bound",
          .object([
            ("float32", number(roundingBound(unit: 0x1p-24))), ("float64", number(roundingBound(unit: 0x1p-53))),
          ])
        ),
      ] + costs + [
        ("sum", number(sum)), ("abs_sum", number(absoluteSum)),
        ("answers", answers.json),
        ("spacing_mm", spacing.map { .array($0.array.map { .double($0) }) } ?? .null),
        ("requested_fwhm_mm", requestedFWHM.map { .array($0.array.map(number)) } ?? .null),
        ("realised_fwhm_vox", .array(Axis.allCases.map { number(realisedFWHM(along: $0)) })),
        ("realised_fwhm_mm", .array(Axis.allCases.map { number(realisedMillimetres(along: $0)) })),
        ("response", perAxis(write)), ("findings", .array(findings.map { .string("\($0.code): \($0.detail)") })),
      ])
  }

  private var answers: PerAxis<Answers?> {
    var answers = PerAxis<Answers?>(all: nil)
    for axis in Axis.allCases { answers[axis] = self.answers(along: axis) }
    return answers
  }

  private var costs: [(String, JSONOutput)] {
    [
      ("multiplies_before", Int(exactly: multipliesBefore).map { .int($0) } ?? .double(multipliesBefore)),
      ("multiplies_after", .int(multipliesAfter)), ("speed_up", .double(speedUp)),
      ("speed_up_of_one_product", .double(speedUpOfOneProduct)),
    ]
  }

  /// What is too large for a number is not known either.
  private func number(_ value: Double?) -> JSONOutput {
    value.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
  }

  private func perAxis(_ value: (Axis) -> JSONOutput) -> JSONOutput {
    .object(Axis.allCases.map { ($0.name, value($0)) })
  }

  /// The taps, with zeros where other terms reach further. Integers are written as integers.
  private func write(_ term: PerAxis<Taps?>) -> JSONOutput {
    .object(
      Axis.allCases.map { axis in
        let taps = term[axis] ?? Taps(weights: [1], origin: 0)
        let before = origin[axis] - taps.origin
        let weights =
          [Double](repeating: 0, count: before) + taps.weights
          + [Double](repeating: 0, count: size[axis] - before - taps.count)
        return (axis.name, .array(weights.map(write)))
      })
  }

  private func write(_ tap: Double) -> JSONOutput {
    isInteger ? Int(exactly: tap).map { .int($0) } ?? .double(tap) : .double(tap)
  }

  private func write(_ axis: Axis) -> JSONOutput {
    guard size[axis] > 1 else { return .null }
    let response = FrequencyResponse(of: marginal(along: axis))
    var members: [(String, JSONOutput)] = [
      ("gain_at_0", digits(response.gain(at: 0))), ("gain_at_half_nyquist", digits(response.gain(at: 0.25))),
      ("gain_at_nyquist", digits(response.gain(at: 0.5))), ("peak_gain", digits(response.peak.gain)),
      ("peak_cycles_per_voxel", digits(response.peak.frequency)),
      ("half_gain_cycles_per_voxel", response.halfGain.map(digits) ?? .null),
    ]
    if let spacing {
      members.append(("half_gain_cycles_per_mm", response.halfGain.map { digits($0 / spacing[axis]) } ?? .null))
    }
    return .object(members)
  }

  /// Six digits: more would be those of a C library.
  private func digits(_ value: Double) -> JSONOutput { number(value.rounded(toDigits: 6)) }
}
