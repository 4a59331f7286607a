import Kernels
import StrictJSON
import Volumes

/// What was asked of a Gaussian, beside what its taps do: how wide those are that smooth, and what derivatives answer.
///
/// Sampling a narrow Gaussian loses what lies between the voxels, truncation loses the tails, and some forms widen. All
/// programs do one of these; here the numbers are told as soon as they differ by more than the tolerance.
struct GaussianPromise {
  /// In voxels, along the axes that are filtered; `nil` along others.
  let sigma: PerAxis<Double?>
  let orders: PerAxis<Int>
  let truncate: Double
  let form: Gaussian.Form
  /// Of widths, relative to what was asked.
  let tolerance: Double

  /// One for all axes along which the same is wrong.
  func findings(_ taps: PerAxis<Taps?>, spacing: Spacing) -> [Finding] {
    let advice = isKept(by: taps) ? nil : advice.map { "\($0) would realise it" }
    return widthFindings(taps, spacing, advice) + answers(of: taps).findings(named: "weights", advice: advice)
  }

  private func widthFindings(_ taps: PerAxis<Taps?>, _ spacing: Spacing, _ advice: String?) -> [Finding] {
    let told: [(Axis, String)] = smoothed.compactMap { axis, sigma in
      guard let taps = taps[axis], !isRealised(sigma, by: taps), let realised = taps.realisedFWHM else { return nil }
      return (axis, sentence(sigma * Gaussian.fwhmPerSigma, realised, voxel: spacing[axis]))
    }
    return told.grouped.map { axes, sentence in
      Finding("fwhm-not-realised", "along \(axes.words) \(sentence)" + (advice.map { "; \($0)" } ?? ""))
    }
  }

  private func sentence(_ requested: Double, _ realised: Double, voxel: Double) -> String {
    let difference = realised / requested - 1
    return "\(Self.words(requested * voxel)) mm requested, \(Self.words(realised * voxel)) mm realised, "
      + "\(Self.words(difference.magnitude * 100)) % \(difference < 0 ? "narrower" : "wider") "
      + "(fwhm_tolerance \(Self.words(tolerance * 100)) %)"
  }

  private static func words(_ number: Double) -> String { ((number * 1000).rounded() / 1000).words }
}

// MARK: - Whether it is kept

extension GaussianPromise {
  private func isKept(by taps: PerAxis<Taps?>) -> Bool {
    let areWide = smoothed.allSatisfy { axis, sigma in taps[axis].map { isRealised(sigma, by: $0) } ?? false }
    return areWide && answers(of: taps).isRealised
  }

  /// The axes that are smoothed: a derivative of a Gaussian has no width at half maximum.
  private var smoothed: [(Axis, Double)] {
    Axis.allCases.compactMap { axis in orders[axis] == 0 ? sigma[axis].map { (axis, $0) } : nil }
  }

  private func isRealised(_ sigma: Double, by taps: Taps) -> Bool {
    let requested = sigma * Gaussian.fwhmPerSigma
    guard let realised = taps.realisedFWHM else { return false }
    return (realised - requested).magnitude <= tolerance * requested
  }

  private func answers(of taps: PerAxis<Taps?>) -> AnswerCheck {
    AnswerCheck(
      found: taps.map { $0?.answers }, expected: orders.map { Answers(ofDerivative: $0) },
      size: taps.map { $0?.absoluteSum ?? 0 })
  }

  /// The smallest change of the job that keeps the promise along every axis, for the keys hold for all; computed, not
  /// guessed.
  private var advice: String? {
    GaussianAdvice(truncate: truncate, form: form).words { truncate, form in
      var taps = PerAxis<Taps?>(all: nil)
      for axis in Axis.allCases {
        guard let sigma = sigma[axis] else { continue }
        guard let changed = try? Gaussian.taps(sigma: sigma, order: orders[axis], truncate: truncate, form: form) else {
          return false
        }
        taps[axis] = changed
      }
      return isKept(by: taps)
    }
  }
}

extension Answers {
  /// `nil` for order 0, which has a width instead.
  init?(ofDerivative order: Int) {
    switch order {
    case 1: self.init(constant: 0, ramp: 1, square: 0)
    case 2: self.init(constant: 0, ramp: 0, square: 2)
    default: return nil
    }
  }
}

/// Which keys of a Gaussian to change.
struct GaussianAdvice {
  let truncate: Double
  let form: Gaussian.Form

  /// The first of the keys that help, the job's own form before another; `nil` when none does.
  func words(whereItHelps helps: (_ truncate: Double, _ form: Gaussian.Form) -> Bool) -> String? {
    let cuts = [truncate] + [6, 10].filter { $0 > truncate }
    for form in form == .bessel ? [.bessel] : [form, .bessel] {
      if let cut = cuts.first(where: { helps($0, form) }) {
        let changes = [
          form == self.form ? nil : "\"form\": \"\(form.rawValue)\"",
          cut == truncate ? nil : "\"truncate\": \(cut.words)",
        ]
        return changes.compactMap(\.self).joined(separator: ", ")
      }
    }
    return nil
  }
}
