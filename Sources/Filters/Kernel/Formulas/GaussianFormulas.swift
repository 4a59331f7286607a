import Kernels
import StrictJSON
import Volumes

/// `--peak height=3.5,sigma_vox=3`
struct PeakFormula: KernelFormula {
  static let name = "peak"
  static let form = Form(keys: [heightKey.declaration] + FormulaWidth.sampledKeys, rules: [FormulaWidth.rule])

  private let height: Double
  private let width: FormulaWidth

  init?(_ object: ObjectReader) {
    let height = object.read(Self.heightKey)
    guard let width = FormulaWidth(object), let height else { return nil }
    self.height = height
    self.width = width
  }

  var needsSpacing: Bool { width.inMillimetres }

  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel {
    try .gaussian(peak: height, sigma: width.voxels(spacing: spacing), truncate: width.truncate)
  }

  private static let heightKey = Key<Double>("height", .number(), .required, "The weight in the middle.")
}

/// `--log sigma_vox=2`
struct LaplacianOfGaussianFormula: KernelFormula {
  static let name = "log"
  static let form = Form(keys: FormulaWidth.keys, rules: [FormulaWidth.rule])

  private let width: FormulaWidth

  init?(_ object: ObjectReader) {
    guard let width = FormulaWidth(object) else { return nil }
    self.width = width
  }

  var needsSpacing: Bool { width.inMillimetres }

  /// A width in mm makes second derivatives per mm², one in voxels per voxel², as in scipy.
  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel {
    try kernel(spacing, truncate: width.truncate, form: width.form)
  }

  private func kernel(
    _ spacing: Spacing, truncate: Double, form: Gaussian.Form
  ) throws(KernelFailure) -> AnalyticKernel {
    try .laplacianOfGaussian(
      sigma: width.voxels(spacing: spacing), spacing: unit(spacing), truncate: truncate, form: form)
  }

  private func unit(_ spacing: Spacing) -> Spacing { width.inMillimetres ? spacing : Spacing(all: 1) }

  /// The second derivative of x² is 2 along every axis, and that of a constant 0.
  func findings(on kernel: AnalyticKernel, spacing: Spacing) -> [Finding] {
    var expected = PerAxis<Answers?>(all: nil)
    for axis in width.axes {
      let unit = unit(spacing)[axis]
      expected[axis] = Answers(constant: 0, ramp: 0, square: 2 / unit / unit)
    }
    return width.findings(on: kernel, expected) { truncate, form in
      try? self.kernel(spacing, truncate: truncate, form: form)
    }
  }
}

/// `--dog sigma_vox=2,ratio=1.6`
struct DifferenceOfGaussiansFormula: KernelFormula {
  static let name = "dog"
  static let form = Form(keys: FormulaWidth.keys + [ratioKey.declaration], rules: [FormulaWidth.rule])

  private let width: FormulaWidth
  private let ratio: Double

  init?(_ object: ObjectReader) {
    let ratio = object.read(Self.ratioKey)
    guard let width = FormulaWidth(object), let ratio else { return nil }
    self.width = width
    self.ratio = ratio
  }

  var needsSpacing: Bool { width.inMillimetres }

  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel {
    try kernel(spacing, truncate: width.truncate, form: width.form)
  }

  private func kernel(
    _ spacing: Spacing, truncate: Double, form: Gaussian.Form
  ) throws(KernelFailure) -> AnalyticKernel {
    let narrow = width.voxels(spacing: spacing)
    return try .differenceOfGaussians(
      narrow: narrow, wide: narrow.map { $0 * ratio }, truncate: truncate, form: form)
  }

  /// The variance of the one less that of the other.
  func findings(on kernel: AnalyticKernel, spacing: Spacing) -> [Finding] {
    var expected = PerAxis<Answers?>(all: nil)
    for axis in width.axes {
      let sigma = width.voxels(spacing: spacing)[axis]
      expected[axis] = Answers(constant: 0, ramp: 0, square: sigma * sigma * (1 - ratio * ratio))
    }
    return width.findings(on: kernel, expected) { truncate, form in
      try? self.kernel(spacing, truncate: truncate, form: form)
    }
  }

  private static let ratioKey = Key<Double>(
    "ratio", .number(.above(1, upTo: 100)), .byDefault(1.6),
    "How many times wider the Gaussian is that is taken away.")
}
