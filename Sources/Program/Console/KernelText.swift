import Filters
import Kernels
import Volumes

/// A kernel for people: what it is, how it would run and why, and what it does to a scan.
struct KernelText {
  private let kernel: KernelSubject

  init(_ kernel: KernelSubject) { self.kernel = kernel }

  var text: String {
    let head = "\(kernel.name): \(KernelWords(kernel).title)"
    let table = widths.isEmpty ? [] : ["", Table.columns(widths, indent: 2)]
    return ([head, Table.aligned(facts, indent: 2)] + table).joined(separator: "\n") + "\n"
  }

  private var facts: [(String, String)] {
    let words = KernelWords(kernel)
    var facts = [("size", words.size), ("weights", words.weights), ("rank", "\(kernel.rank)")]
    facts += rows("singular values", Axis.allCases.map { ($0.name, spectrum(kernel.spectra[$0])) })
    facts.append(("path", "\(kernel.method.rawValue): \(words.reason)"))
    facts.append(("multiplies", words.multiplies))
    facts.append(("error", words.error))
    for (index, term) in kernel.terms.prefix(Self.mostTerms).enumerated() {
      let name = kernel.terms.count == 1 ? "factors" : "term \(index + 1)"
      facts += rows(name, Axis.allCases.map { ($0.name, term[$0].map(taps) ?? "") })
    }
    let left = kernel.terms.count - Self.mostTerms
    if left > 0 { facts.append(("", "… \(Wording.count(left, "term")) more; --json has all")) }
    return facts
  }

  private static let mostTerms = 6
  private static let mostValues = 8

  /// One row per axis that has something to show, the name before the first.
  private func rows(_ name: String, _ values: [(axis: String, text: String)]) -> [(String, String)] {
    values.filter { !$0.text.isEmpty }.enumerated().map { ($0 == 0 ? name : "", "\($1.axis)  \($1.text)") }
  }

  /// Values that are rounding errors of the first are counted, not shown.
  private func spectrum(_ values: [Double]) -> String {
    let real = values.prefix { $0 > 1e-15 * values[0] }
    let shown = real.isEmpty ? values.prefix(1) : real.prefix(Self.mostValues)
    let rest = [
      real.count > shown.count ? "\(real.count - shown.count) more" : "",
      values.count > max(real.count, 1) ? "\(values.count - max(real.count, 1)) of 0" : "",
    ].filter { !$0.isEmpty }
    return (shown.map { $0.significant(6) } + (rest.isEmpty ? [] : ["and " + rest.joined(separator: ", ")]))
      .joined(separator: " ")
  }

  /// Of many taps only those around the voxel.
  private func taps(_ taps: Taps) -> String {
    let reach = kernel.isInteger ? 15 : 6
    guard taps.count > 2 * reach + 1 else { return taps.weights.map { $0.significant(6) }.joined(separator: " ") }
    let first = min(max(0, taps.origin - reach), taps.count - 2 * reach - 1)
    let last = first + 2 * reach
    let shown = taps.weights[first...last].map { $0.significant(6) }.joined(separator: " ")
    return "\(first > 0 ? "… " : "")\(shown)\(last < taps.count - 1 ? " …" : "") (\(taps.count) taps)"
  }
}

// MARK: - What it does along each axis

extension KernelText {
  private var axes: [Axis] { Axis.allCases.filter { kernel.size[$0] > 1 } }

  private var widths: [[String]] {
    guard !axes.isEmpty else { return [] }
    let responses = axes.map { FrequencyResponse(of: kernel.marginal(along: $0)) }
    func row(_ name: String, _ value: (Axis, FrequencyResponse) -> Double?) -> [String] {
      [name] + zip(axes, responses).map { number(value($0, $1)) }
    }
    var rows = [["along"] + axes.map(\.name)]
    if let requested = kernel.requestedFWHM { rows.append(row("FWHM requested, mm") { axis, _ in requested[axis] }) }
    rows.append(row("FWHM realised, voxels") { axis, _ in kernel.realisedFWHM(along: axis) })
    if kernel.spacing != nil {
      rows.append(row("FWHM realised, mm") { axis, _ in kernel.realisedMillimetres(along: axis) })
    }
    rows.append(row("answer to 1") { axis, _ in kernel.answers(along: axis)?.constant })
    rows.append(row("answer to x, voxels") { axis, _ in kernel.answers(along: axis)?.ramp })
    rows.append(row("answer to x², voxels²") { axis, _ in kernel.answers(along: axis)?.square })
    rows.append(row("gain at frequency 0") { $1.gain(at: 0) })
    rows.append(row("gain at half Nyquist") { $1.gain(at: 0.25) })
    rows.append(row("gain at Nyquist") { $1.gain(at: 0.5) })
    rows.append(row("half gain, cycles per voxel") { $1.halfGain })
    if let spacing = kernel.spacing {
      rows.append(row("half gain, cycles per mm") { axis, response in response.halfGain.map { $0 / spacing[axis] } })
    }
    rows.append(row("largest gain") { $1.peak.gain })
    rows.append(row("  at cycles per voxel") { $1.peak.frequency })
    return rows
  }

  private func number(_ value: Double?) -> String { value?.significant(4) ?? "–" }
}
