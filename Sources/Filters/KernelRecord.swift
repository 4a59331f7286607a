import Filtering
import Kernels
import StrictJSON
import Volumes

/// What a linear filter came to for one voxel size, for the plan and the log.
package struct KernelRecord: Sendable {
  package let filter: String
  package let spacing: Spacing
  /// The kernel's extent in voxels.
  package let size: PerAxis<Int>
  package let method: Factorisation.Method
  /// What runs, as correlations; none for a dense kernel.
  package let terms: [PerAxis<Taps?>]
  /// The weights that run, when they are not factored.
  package let dense: DenseKernel?
  package let rank: Int
  package let isInteger: Bool
  /// Σ|K − K̂| / Σ|K|.
  package let residual: Double
  /// Σ|K − K̂|: times the largest |x|, no voxel is farther off than this because of factoring.
  package let bound: Double
  package let multipliesBefore: Int
  package let multipliesAfter: Int
  /// What it answers to 1, x and x² along the axes that it reaches along: each pass by itself where the filter is a
  /// product by nature, the whole kernel otherwise.
  package let answers: PerAxis<Answers?>

  /// How a Gaussian became taps.
  package var form: Gaussian.Form?
  /// In voxels, of a Gaussian; `nil` along an axis that it leaves alone.
  package var sigmaVoxels: PerAxis<Double?>?
  /// In mm. The realised one is that of the taps: sampling and truncation change it.
  package var requestedFWHM: PerAxis<Double?>?
  package var realisedFWHM = PerAxis<Double?>(all: nil)
  /// In mm, of a box whose edge the job gives in mm.
  package var requestedWidth: PerAxis<Double>?

  /// The most that rounding can add, times the largest |x|.
  ///
  /// - Parameter unit: of the scalar that it is computed in, 2⁻²⁴ for Float and 2⁻⁵³ for Double.
  package func roundingBound(unit: Double) -> Double {
    dense.map { Kernels.roundingBound(of: $0, unit: unit) } ?? Kernels.roundingBound(of: terms, unit: unit)
  }

  /// Of a filter that is a product by nature.
  init(filter: String, term: SeparableTerm, spacing: Spacing) {
    let counts = term.passes.map { $0?.count ?? 1 }
    self.filter = filter
    self.spacing = spacing
    size = counts
    method = .separable
    terms = [term.passes]
    dense = nil
    rank = 1
    isInteger = false
    residual = 0
    bound = 0
    // A dense kernel of three very long axes is a number to look at, not to compute with.
    multipliesBefore = counts.array.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    multipliesAfter = SharedPasses([term.passes]).multiplies
    answers = term.passes.map { $0?.answers }
  }

  /// Of weights that were factored, or could not be, turned as they run.
  init(filter: String, kernel: PlacedKernel, spacing: Spacing) {
    let total = kernel.weights.weights.reduce(0) { $0 + $1.magnitude }
    self.filter = filter
    self.spacing = spacing
    size = kernel.weights.shape.lengths
    method = kernel.method
    terms = kernel.terms
    dense = kernel.method == .dense ? kernel.weights : nil
    rank = kernel.rank
    isInteger = kernel.isInteger
    residual = total > 0 ? kernel.bound / total : 0
    bound = kernel.bound
    multipliesBefore = kernel.multipliesBefore
    multipliesAfter = kernel.multipliesAfter
    answers = kernel.answers
  }
}

// MARK: - JSON

extension KernelRecord {
  /// More taps than this are left out, because a line of the log must stay below 1 MiB; see `longTaps`.
  private static let mostTaps = 16_384

  package var json: JSONOutput {
    var members: [(String, JSONOutput)] = [
      ("filter", .string(filter)), ("spacing_mm", .array(spacing.array.map { .double($0) })),
      ("size", .array(size.array.map { .int($0) })),
    ]
    if let form { members.append(("form", .string(form.rawValue))) }
    members += widths
    members += [
      ("method", .string(method.rawValue)), ("rank", .int(rank)), ("integer", .bool(isInteger)),
      ("residual", .double(residual)), ("bound", .double(bound)),
      (
        "rounding_bound",
        .object([
          ("float32", .double(roundingBound(unit: 0x1p-24))), ("float64", .double(roundingBound(unit: 0x1p-53))),
        ])
      ),
      ("multiplies_before", .int(multipliesBefore)), ("multiplies_after", .int(multipliesAfter)),
      ("answers", answers.json),
    ]
    return .object(members + taps)
  }

  private var widths: [(String, JSONOutput)] {
    let perAxis: [(String, PerAxis<Double?>?)] = [
      ("sigma_vox", sigmaVoxels), ("requested_fwhm_mm", requestedFWHM),
      ("realised_fwhm_mm", requestedFWHM == nil ? nil : realisedFWHM),
      ("requested_width_mm", requestedWidth.map { $0.map { $0 } }),
      ("realised_width_mm", requestedWidth.map { _ in realisedWidth }),
    ]
    return perAxis.compactMap { name, values in
      values.map { (name, .array($0.array.map { $0.map { .double($0) } ?? .null })) }
    }
  }

  private var realisedWidth: PerAxis<Double?> {
    var width = PerAxis<Double?>(all: nil)
    for axis in Axis.allCases { width[axis] = Double(size[axis]) * spacing[axis] }
    return width
  }

  private var tapCount: Int {
    if let dense { return dense.weights.count }
    return terms.reduce(0) { sum, term in term.array.reduce(sum) { $0 + ($1?.count ?? 0) } }
  }

  private var taps: [(String, JSONOutput)] {
    guard tapCount > Self.mostTaps else { return allTaps }
    return [(dense == nil ? "taps_left_out" : "weights_left_out", .int(tapCount))]
  }

  private var allTaps: [(String, JSONOutput)] {
    guard let dense else { return [("terms", .array(terms.map(write)))] }
    return [
      ("weights", .array(dense.weights.map { .string($0.hexadecimal) })),
      ("origin", .array(dense.origin.array.map { .int($0) })),
    ]
  }

  /// What `json` leaves out, for a file of its own; `nil` when it leaves out nothing.
  package var longTaps: JSONOutput? { tapCount > Self.mostTaps ? .object(allTaps) : nil }

  /// Whether two records leave out the same, so that one file does for both.
  package func hasSameTaps(as other: KernelRecord) -> Bool {
    dense?.weights == other.dense?.weights && dense?.origin.array == other.dense?.origin.array
      && terms.count == other.terms.count
      && zip(terms, other.terms).allSatisfy { a, b in
        Axis.allCases.allSatisfy { a[$0]?.weights == b[$0]?.weights && a[$0]?.origin == b[$0]?.origin }
      }
  }

  private func write(_ term: PerAxis<Taps?>) -> JSONOutput {
    .object(
      Axis.allCases.compactMap { axis in
        term[axis].map { taps in
          let weights = JSONOutput.array(taps.weights.map { .string($0.hexadecimal) })
          return (axis.name, .object([("taps", weights), ("origin", .int(taps.origin))]))
        }
      })
  }
}
