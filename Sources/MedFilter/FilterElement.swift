import StrictJSON

/// One filter of a ``FilterChain``; the job-file reference describes every key.
public struct FilterElement: Sendable {
  let json: JSONOutput

  private init(_ name: String, _ keys: [(String, JSONOutput?)]) {
    json = .object([("filter", .string(name))] + keys.compactMap { key, value in value.map { (key, $0) } })
  }

  /// What lies beyond the edge of a volume.
  public enum Boundary: Sendable, Equatable {
    case reflect, mirror, nearest, wrap, renormalise
    case constant(Double)

    fileprivate var keys: [(String, JSONOutput?)] {
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
    gaussian(("fwhm_mm", .double(fwhmMillimetres)), order, truncate, form, boundary)
  }

  /// A Gaussian by its standard deviation in voxels.
  public static func gaussian(
    sigmaVoxels: Double, order: Int = 0, truncate: Double = 4, form: GaussianForm = .sampled,
    boundary: Boundary = .reflect
  ) -> FilterElement {
    gaussian(("sigma_vox", .double(sigmaVoxels)), order, truncate, form, boundary)
  }

  private static func gaussian(
    _ width: (String, JSONOutput), _ order: Int, _ truncate: Double, _ form: GaussianForm, _ boundary: Boundary
  ) -> FilterElement {
    let keys = [
      width, ("order", JSONOutput.int(order)), ("truncate", .double(truncate)), ("form", .string(form.rawValue)),
    ]
    return FilterElement("gaussian", keys + boundary.keys)
  }

  /// The mean over a box of so many voxels along each axis.
  public static func box(sizeVoxels: Int, boundary: Boundary = .reflect) -> FilterElement {
    FilterElement("box", [("size_vox", .int(sizeVoxels))] + boundary.keys)
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
}
