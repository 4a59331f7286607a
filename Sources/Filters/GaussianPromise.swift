import Kernels
import StrictJSON
import Volumes

/// The widths that were asked of a Gaussian, beside those that its taps have.
///
/// Sampling a narrow Gaussian loses what lies between the voxels, truncation loses the tails, and some forms widen. All
/// programs do one of these; here the numbers are told as soon as they differ by more than the tolerance.
struct GaussianWidths {
  /// In voxels, along the axes that are smoothed; `nil` along others, as a derivative has no width.
  let sigma: PerAxis<Double?>
  let truncate: Double
  let form: Gaussian.Form
  /// Relative to what was asked.
  let tolerance: Double

  /// One for each axis along which the taps are not as wide as asked.
  func findings(_ taps: PerAxis<Taps?>, spacing: Spacing) -> [Finding] {
    let failed = Axis.allCases.filter { axis in
      guard let sigma = sigma[axis], let taps = taps[axis] else { return false }
      return !isRealised(sigma, by: taps)
    }
    guard !failed.isEmpty else { return [] }
    let advice = advice.map { "; \($0) would realise it" } ?? ""
    return failed.compactMap { axis in
      guard let sigma = sigma[axis], let realised = taps[axis]?.realisedFWHM else { return nil }
      let requested = sigma * Gaussian.fwhmPerSigma
      return Finding(
        "fwhm-not-realised",
        "along \(axis.name) \(sentence(requested, realised, voxel: spacing[axis]))" + advice)
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

// MARK: - Advice

extension GaussianWidths {
  /// The smallest change of the job that brings all widths within the tolerance; computed, not guessed.
  private var advice: String? {
    let cuts = [truncate] + [6, 10].filter { $0 > truncate }
    for form in form == .bessel ? [.bessel] : [form, .bessel] {
      if let cut = cuts.first(where: { realises($0, form) }) {
        let changes = [
          form == self.form ? nil : "\"form\": \"\(form.rawValue)\"",
          cut == truncate ? nil : "\"truncate\": \(cut.words)",
        ]
        return changes.compactMap(\.self).joined(separator: ", ")
      }
    }
    return nil
  }

  /// Along every axis, for the keys hold for all.
  private func realises(_ truncate: Double, _ form: Gaussian.Form) -> Bool {
    sigma.array.compactMap(\.self).allSatisfy { sigma in
      let taps = try? Gaussian.taps(sigma: sigma, truncate: truncate, form: form)
      return taps.map { isRealised(sigma, by: $0) } ?? false
    }
  }

  private func isRealised(_ sigma: Double, by taps: Taps) -> Bool {
    let requested = sigma * Gaussian.fwhmPerSigma
    guard let realised = taps.realisedFWHM else { return false }
    return (realised - requested).magnitude <= tolerance * requested
  }
}
