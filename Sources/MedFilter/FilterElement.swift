import StrictJSON

/// One filter of a ``FilterChain``; the job-file reference describes every key.
///
/// A key that is not given has the default of the job file.
public struct FilterElement: Sendable {
  let json: JSONOutput

  init(_ name: String, _ keys: [(String, JSONOutput?)]) {
    json = .object([("filter", .string(name))] + keys.compactMap { key, value in value.map { (key, $0) } })
  }

  /// What lies beyond the edge of a volume.
  public enum Boundary: Sendable, Equatable {
    case reflect, mirror, nearest, wrap, renormalise
    case constant(Double)

    var keys: [(String, JSONOutput?)] {
      switch self {
      case .constant(let value): [("boundary", .string("constant")), ("value", .double(value))]
      default: [("boundary", .string("\(self)"))]
      }
    }
  }

  /// How a Gaussian becomes weights.
  public enum GaussianForm: String, Sendable, CaseIterable {
    /// Its values at the voxel centres, as in SciPy.
    case sampled
    /// Its integrals over voxels.
    case integrated
    /// Lindeberg's discrete Gaussian.
    case bessel
    /// Its integrals against linear interpolation, as in SPM; it has no derivatives.
    case bspline
  }

  /// A Gaussian by its full width at half maximum in mm.
  public static func gaussian(
    fwhmMillimetres: Double, order: Int = 0, truncate: Double = 4, form: GaussianForm = .sampled,
    boundary: Boundary = .reflect
  ) -> FilterElement {
    gaussian(
      .fwhmMillimetres(fwhmMillimetres), orders: Triple(all: order), truncate: truncate, form: form,
      options: LinearOptions(boundary: boundary))
  }

  /// A Gaussian by its standard deviation in voxels.
  public static func gaussian(
    sigmaVoxels: Double, order: Int = 0, truncate: Double = 4, form: GaussianForm = .sampled,
    boundary: Boundary = .reflect
  ) -> FilterElement {
    gaussian(
      .sigmaVoxels(sigmaVoxels), orders: Triple(all: order), truncate: truncate, form: form,
      options: LinearOptions(boundary: boundary))
  }

  /// A Gaussian, or its derivatives, with all keys of a job.
  ///
  /// - Parameters:
  ///   - orders: Of the derivative along each axis, 0 to 2; an axis that is not filtered has order 0.
  ///   - widthTolerance: How far the width of the weights may differ from the requested one before a job reports a finding.
  public static func gaussian(
    _ width: GaussianWidth, orders: Triple<Int> = Triple(all: 0), truncate: Double = 4,
    form: GaussianForm = .sampled, widthTolerance: Double = 0.01, options: LinearOptions = LinearOptions()
  ) -> FilterElement {
    let order: JSONOutput = orders.isOneForAll ? .int(orders.i) : orders.json
    let keys = [
      width.key, ("order", order), ("truncate", .double(truncate)), ("form", .string(form.rawValue)),
      ("fwhm_tolerance", .double(widthTolerance)),
    ]
    return FilterElement("gaussian", keys + options.keys)
  }

  /// The mean over a box of this many voxels along each axis.
  public static func box(sizeVoxels: Int, boundary: Boundary = .reflect) -> FilterElement {
    box(.voxels(sizeVoxels), options: LinearOptions(boundary: boundary))
  }

  /// The mean over a box.
  public static func box(_ width: BoxWidth, options: LinearOptions = LinearOptions()) -> FilterElement {
    FilterElement("box", [width.key] + options.keys)
  }

  /// Correlation or convolution with given weights.
  ///
  /// - Parameters:
  ///   - mode: Required if the weights are not symmetric.
  ///   - originVoxels: Moves the weight that lies on the voxel away from the centre (size / 2, rounded down).
  ///   - tolerance: How much, relative to its weights, the kernel may differ from the passes that replace it.
  public static func kernel(
    _ weights: KernelWeights, mode: KernelMode? = nil, normalise: Normalisation = .none,
    originVoxels: Triple<Int>? = nil, tolerance: Double? = nil, method: KernelMethod? = nil,
    options: LinearOptions = LinearOptions()
  ) -> FilterElement {
    let keys: [(String, JSONOutput?)] = [
      weights.key, ("mode", mode.map { .string($0.rawValue) }),
      ("normalise", normalise == .none ? nil : .string(normalise.rawValue)), ("origin_vox", originVoxels?.json),
      ("tolerance", tolerance.map { .double($0) }), ("method", method.map { .string($0.rawValue) }),
    ]
    return FilterElement("kernel", keys + options.keys)
  }

  /// x · slope + intercept.
  public static func scale(slope: Double = 1, intercept: Double = 0) -> FilterElement {
    FilterElement("scale", [("slope", .double(slope)), ("intercept", .double(intercept))])
  }

  /// Values below `lower` become `lower`, above `upper` become `upper`.
  public static func clamp(lower: Double? = nil, upper: Double? = nil) -> FilterElement {
    FilterElement("clamp", [("lower", lower.map { .double($0) }), ("upper", upper.map { .double($0) })])
  }

  /// Values outside `lower`...`upper` become `outside`.
  public static func threshold(lower: Double? = nil, upper: Double? = nil, outside: Double = 0) -> FilterElement {
    FilterElement(
      "threshold",
      [("lower", lower.map { .double($0) }), ("upper", upper.map { .double($0) }), ("outside", .double(outside))])
  }

  /// Voxels outside the mask become 0.
  ///
  /// - Parameter file: The path of a scan on the same grid, or the name of a mask in memory.
  public static func mask(_ file: String) -> FilterElement { FilterElement("mask", [("file", .string(file))]) }
}
