import Filtering
import Kernels
import StrictJSON
import Volumes

/// Smoothing by a Gaussian, or one of its derivatives.
package struct GaussianFilter: Filter {
  package static let name = "gaussian"
  package static let summary = "Smooths with a Gaussian, or takes derivatives of the smoothed scan."

  /// How wide, and in which unit the job says so.
  private enum Width {
    case fwhmMillimetres(PerAxis<Double>)
    case sigmaMillimetres(PerAxis<Double>)
    case sigmaVoxels(PerAxis<Double>)

    var amounts: PerAxis<Double> {
      switch self {
      case .fwhmMillimetres(let amounts), .sigmaMillimetres(let amounts), .sigmaVoxels(let amounts): amounts
      }
    }
  }

  private let width: Width
  private let orders: PerAxis<Int>
  private let truncate: Double
  private let form: Gaussian.Form
  private let tolerance: Double
  private let options: LinearOptions

  package init?(_ object: ObjectReader) {
    let width = Self.readWidth(object)
    let orders = object.read(Self.orderKey)
    let truncate = object.read(Self.truncateKey)
    let form = object.read(Self.formKey)
    let tolerance = object.read(Self.toleranceKey)
    let options = LinearOptions(object)
    guard object.isSound, let width, let orders, let truncate, let form, let tolerance, let options else { return nil }
    self.width = width
    self.orders = orders.perAxis
    self.truncate = truncate
    self.form = form
    self.tolerance = tolerance
    self.options = options
    reportContradictions(orders, to: object)
    guard object.isSound else { return nil }
  }

  private static func readWidth(_ object: ObjectReader) -> Width? {
    if let fwhm = object.read(fwhmKey) { return .fwhmMillimetres(fwhm.perAxis) }
    if let sigma = object.read(sigmaMillimetresKey) { return .sigmaMillimetres(sigma.perAxis) }
    return object.read(sigmaVoxelsKey).map { .sigmaVoxels($0.perAxis) }
  }

  private func reportContradictions(_ orders: ScalarOrTriple<Int>, to object: ObjectReader) {
    let axes = filteredAxes(of: Set(Axis.allCases))
    if axes.isEmpty { object.report("expected a width above 0 along one of these axes, found 0", at: "axes") }
    if case .triple(let orders) = orders {
      for axis in Axis.allCases where orders[axis] > 0 && !axes.contains(axis) {
        object.report("expected order 0 along \(axis.name), which is not filtered, found \(orders[axis])", at: "order")
      }
    }
    if form == .bspline, let order = self.orders.array.first(where: { $0 > 0 }) {
      object.report("expected order 0 with the form \"bspline\", which has no derivatives, found \(order)", at: "order")
    }
    options.reportDivisions(objectionToAbsentVoxels, to: object)
    // Only widths in voxels are known before there is a scan.
    guard case .sigmaVoxels(let sigma) = width else { return }
    for axis in axes.sorted() where Gaussian.radius(sigma: sigma[axis], truncate: truncate) > Gaussian.largestRadius {
      let found = "\(truncate.words) · \(sigma[axis].words)"
      object.report("expected a radius of at most \(Gaussian.largestRadius) voxels, found \(found)", at: "sigma_vox")
    }
  }

  private func filteredAxes(of candidates: Set<Axis>) -> Set<Axis> {
    candidates.intersection(options.axes ?? candidates).filter { width.amounts[$0] > 0 }
  }
}

// MARK: - Planning

extension GaussianFilter {
  package var scansBeside: [ScanBeside] { options.scansBeside }

  package var objectionToAbsentVoxels: String? {
    let isDerivative = filteredAxes(of: Set(Axis.allCases)).contains { orders[$0] > 0 }
    return isDerivative ? "the kernel of a derivative has weights below 0" : nil
  }

  package var needsSpacing: Bool {
    if case .sigmaVoxels = width { false } else { true }
  }

  package func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan {
    let axes = filteredAxes(of: grid.axes)
    guard !axes.isEmpty else { throw .noAxis(of: Self.name, grid) }
    var passes = PerAxis<Taps?>(all: nil)
    for axis in axes.sorted() { passes[axis] = try taps(along: axis, spacing: grid.spacing) }
    let term = SeparableTerm(passes)
    var record = KernelRecord(filter: Self.name, term: term, spacing: grid.spacing)
    record.form = form
    record.sigmaVoxels = PerAxis(all: nil)
    record.requestedFWHM = PerAxis(all: nil)
    var sigmas = PerAxis<Double?>(all: nil)
    for axis in axes {
      let sigma = sigma(along: axis, spacing: grid.spacing)
      record.sigmaVoxels?[axis] = sigma
      record.requestedFWHM?[axis] = requestedFWHM(along: axis, spacing: grid.spacing)
      sigmas[axis] = sigma
      // A derivative of a Gaussian has no width at half maximum.
      guard orders[axis] == 0 else { continue }
      record.realisedFWHM[axis] = passes[axis]?.realisedFWHM.map { $0 * grid.spacing[axis] }
    }
    let promise = GaussianPromise(
      sigma: sigmas, orders: orders, truncate: truncate, form: form, tolerance: tolerance)
    let operation = try options.operation(Self.name, .separable([term]), on: grid)
    return FilterPlan(
      operation, record: record, findings: promise.findings(passes, spacing: grid.spacing) + options.findings)
  }

  /// Of the Gaussian along one axis, in voxels.
  private func sigma(along axis: Axis, spacing: Spacing) -> Double {
    switch width {
    case .fwhmMillimetres(let fwhm): fwhm[axis] / Gaussian.fwhmPerSigma / spacing[axis]
    case .sigmaMillimetres(let sigma): sigma[axis] / spacing[axis]
    case .sigmaVoxels(let sigma): sigma[axis]
    }
  }

  /// In mm; as written, where the job writes it.
  private func requestedFWHM(along axis: Axis, spacing: Spacing) -> Double {
    if case .fwhmMillimetres(let fwhm) = width { return fwhm[axis] }
    return sigma(along: axis, spacing: spacing) * Gaussian.fwhmPerSigma * spacing[axis]
  }

  private func taps(along axis: Axis, spacing: Spacing) throws(ScanFailure) -> Taps {
    do throws(KernelFailure) {
      return try Gaussian.taps(
        sigma: sigma(along: axis, spacing: spacing), order: orders[axis], truncate: truncate, form: form)
    } catch {
      throw ScanFailure(error, along: axis)
    }
  }
}

// MARK: - Keys

extension GaussianFilter {
  package static let form = Form(
    keys: [
      nameKey, fwhmKey.declaration, sigmaMillimetresKey.declaration, sigmaVoxelsKey.declaration,
      orderKey.declaration, truncateKey.declaration, formKey.declaration, toleranceKey.declaration,
    ] + LinearOptions.keys,
    rules: [.exactlyOne(["fwhm_mm", "sigma_mm", "sigma_vox"])] + LinearOptions.rules)

  private static let fwhmKey = Key<ScalarOrTriple<Double>>(
    "fwhm_mm", .amount, .optional, "Full width at half maximum in millimetres: 2.3548 standard deviations.")
  private static let sigmaMillimetresKey = Key<ScalarOrTriple<Double>>(
    "sigma_mm", .amount, .optional, "Standard deviation in millimetres.")
  private static let sigmaVoxelsKey = Key<ScalarOrTriple<Double>>(
    "sigma_vox", .amount, .optional, "Standard deviation in voxels.")
  private static let orderKey = Key<ScalarOrTriple<Int>>(
    "order", .scalarOrTriple(.integer(.from(0, to: 2)), element: .integer(.from(0, to: 2))), .byDefault(.scalar(0)),
    "0 smooths, 1 and 2 take that derivative of the smoothed scan along the axis, per voxel.")
  private static let truncateKey = Key<Double>(
    "truncate", .number(.above(0, upTo: 100)), .byDefault(4),
    "Where the Gaussian is cut, in standard deviations: the radius is floor(truncate · sigma + 0.5) voxels.")
  private static let formKey = Key<Gaussian.Form>(
    "form", .choice, .byDefault(.sampled),
    "How the Gaussian becomes weights: samples, integrals over voxels, Lindeberg's discrete Gaussian, or as in SPM.")
  private static let toleranceKey = Key<Double>(
    "fwhm_tolerance", .number(.from(0, to: 1)), .byDefault(0.01),
    "How far the width of the weights may be from the one asked for, relative to it, before that is a warning.")
}
