import Kernels
import StrictJSON
import Volumes

/// The width that was asked of a Gaussian along one axis, beside the one that its taps have.
///
/// Sampling a narrow Gaussian loses what lies between the voxels, truncation loses the tails, and some forms widen. All
/// programs do one of these; the numbers are told as soon as they differ by more than the tolerance.
struct GaussianWidth {
  /// In voxels.
  let sigma: Double
  let truncate: Double
  let form: Gaussian.Form
  /// Relative to what was asked.
  let tolerance: Double

  /// - Parameter voxel: The voxel's length in mm.
  /// - Returns: `nil` when the taps are as wide as asked, or have no width.
  func finding(_ taps: Taps, along axis: Axis, voxel: Double) -> Finding? {
    guard let realised = taps.realisedFWHM, !isRealised(by: taps) else { return nil }
    let difference = realised / requested - 1
    let sentence =
      "along \(axis.name) \(Self.words(requested * voxel)) mm requested, \(Self.words(realised * voxel)) mm realised, "
      + "\(Self.words(difference.magnitude * 100)) % \(difference < 0 ? "narrower" : "wider") "
      + "(fwhm_tolerance \(Self.words(tolerance * 100)) %)"
    return Finding("fwhm-not-realised", sentence + (advice.map { "; \($0) would realise it" } ?? ""))
  }

  private var requested: Double { sigma * Gaussian.fwhmPerSigma }

  private func isRealised(by taps: Taps) -> Bool {
    guard let realised = taps.realisedFWHM else { return false }
    return (realised - requested).magnitude <= tolerance * requested
  }

  /// The smallest change of the job that brings the width within the tolerance; computed, not guessed.
  private var advice: String? {
    let cuts = [truncate] + [6, 10].filter { $0 > truncate }
    for form in form == .bessel ? [.bessel] : [form, .bessel] {
      for cut in cuts {
        guard let taps = try? Gaussian.taps(sigma: sigma, truncate: cut, form: form), isRealised(by: taps) else {
          continue
        }
        let changes = [
          form == self.form ? nil : "\"form\": \"\(form.rawValue)\"",
          cut == truncate ? nil : "\"truncate\": \(cut.words)",
        ]
        return changes.compactMap(\.self).joined(separator: ", ")
      }
    }
    return nil
  }

  private static func words(_ number: Double) -> String { ((number * 1000).rounded() / 1000).words }
}
