import Kernels
import StrictJSON
import Volumes

/// A kernel that `medfilter kernel` knows by name and numbers, written like a filter of the job file.
protocol KernelFormula: Sendable {
  /// The option on the command line, without its hyphens.
  static var name: String { get }
  static var form: Form { get }

  /// `nil` after everything wrong has been reported to the object's issues.
  init?(_ object: ObjectReader)

  /// Whether a width is given in mm.
  var needsSpacing: Bool { get }

  /// - Parameter spacing: Of the voxels in mm; 1 where nobody said.
  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel

  /// Where the kernel does not do what its name promises.
  func findings(on kernel: AnalyticKernel, spacing: Spacing) -> [Finding]
}

extension KernelFormula {
  var needsSpacing: Bool { false }

  func findings(on kernel: AnalyticKernel, spacing: Spacing) -> [Finding] { [] }
}

/// The axes that a formula works along.
enum FormulaAxes {
  static let key = Key<[Axis]>(
    "axes", .list(of: .axis, "axes", count: 1...3, isUnique: true), .byDefault(Axis.allCases),
    "The axes that the kernel works along.")
}

/// A standard deviation in mm or voxels, with what is common to all Gaussians.
struct FormulaWidth {
  private let sigma: PerAxis<Double>
  let inMillimetres: Bool
  let truncate: Double
  let form: Gaussian.Form

  init?(_ object: ObjectReader) {
    let millimetres = object.read(Self.millimetresKey)
    let voxels = object.read(Self.voxelsKey)
    let truncate = object.read(Self.truncateKey)
    let form = object.read(Self.formKey)
    let axes = object.read(FormulaAxes.key)
    guard object.isSound, let sigma = millimetres ?? voxels, let truncate, let form, let axes else { return nil }
    var along = PerAxis(all: 0.0)
    for axis in axes { along[axis] = sigma.perAxis[axis] }
    guard along.array.contains(where: { $0 > 0 }) else {
      object.report("expected a width above 0 along one of these axes, found 0", at: "axes")
      return nil
    }
    self.sigma = along
    self.truncate = truncate
    self.form = form
    inMillimetres = millimetres != nil
  }

  func voxels(spacing: Spacing) -> PerAxis<Double> {
    guard inMillimetres else { return sigma }
    return PerAxis(sigma.i / spacing.i, sigma.j / spacing.j, sigma.k / spacing.k)
  }

  /// The axes that have a width.
  var axes: [Axis] { Axis.allCases.filter { sigma[$0] > 0 } }

  /// - Parameters:
  ///   - expected: What the kernel should answer along each axis.
  ///   - changed: The same kernel with other keys.
  func findings(
    on kernel: AnalyticKernel, _ expected: PerAxis<Answers?>,
    changed: (_ truncate: Double, _ form: Gaussian.Form) -> AnalyticKernel?
  ) -> [Finding] {
    AnswerCheck(of: kernel, expected: expected).findings(
      named: "weights",
      advice: GaussianAdvice(truncate: truncate, form: form).words { truncate, form in
        changed(truncate, form).map { AnswerCheck(of: $0, expected: expected).isRealised } ?? false
      }.map { "\($0) would realise it" })
  }

  static let keys = sampledKeys + [formKey.declaration]

  /// Of a Gaussian that has one form.
  static let sampledKeys = [
    millimetresKey.declaration, voxelsKey.declaration, truncateKey.declaration, FormulaAxes.key.declaration,
  ]
  static let rule = Rule.exactlyOne(["sigma_mm", "sigma_vox"])

  private static let millimetresKey = Key<ScalarOrTriple<Double>>(
    "sigma_mm", .amount, .optional, "Standard deviation in millimetres.")
  private static let voxelsKey = Key<ScalarOrTriple<Double>>(
    "sigma_vox", .amount, .optional, "Standard deviation in voxels.")
  private static let truncateKey = Key<Double>(
    "truncate", .number(.above(0, upTo: 100)), .byDefault(4), "Where the Gaussian is cut, in standard deviations.")
  private static let formKey = Key<Gaussian.Form>(
    "form", .choice, .byDefault(.sampled), "How the Gaussian becomes weights, as for the filter `gaussian`.")
}

extension AnswerCheck {
  /// Of a sum of terms, which answers as a whole.
  fileprivate init(of kernel: AnalyticKernel, expected: PerAxis<Answers?>) {
    let reach = kernel.reach
    var (found, size) = (PerAxis<Answers?>(all: nil), PerAxis(all: 0.0))
    for axis in Axis.allCases where expected[axis] != nil {
      let sums = kernel.terms.marginal(along: axis, size: reach[axis].count, origin: -reach[axis].lowerBound)
      found[axis] = sums.answers
      size[axis] = sums.absoluteSum
    }
    self.init(found: found, expected: expected, size: size)
  }
}
