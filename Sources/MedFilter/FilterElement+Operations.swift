import StrictJSON

// Filters that are not linear.

extension FilterElement {
  /// Which voxels around a voxel a rank filter looks at.
  public struct Neighbourhood: Sendable {
    let key: (String, JSONOutput?)

    /// A box of the same edge along all axes.
    public static func voxels(_ size: Int) -> Self { Self(key: ("size_vox", .int(size))) }
    /// A box; 1 leaves its axis alone.
    public static func voxels(_ size: Triple<Int>) -> Self { Self(key: ("size_vox", size.json)) }
    /// A ball.
    public static func radiusMillimetres(_ radius: Double) -> Self { Self(key: ("radius_mm", .double(radius))) }
  }

  /// The median of the voxels around each voxel.
  public static func median(_ neighbourhood: Neighbourhood, boundary: Boundary = .reflect) -> FilterElement {
    FilterElement("median", [neighbourhood.key] + boundary.keys)
  }

  /// The smallest of the voxels around each voxel.
  public static func minimum(_ neighbourhood: Neighbourhood, boundary: Boundary = .reflect) -> FilterElement {
    FilterElement("minimum", [neighbourhood.key] + boundary.keys)
  }

  /// The largest of the voxels around each voxel.
  public static func maximum(_ neighbourhood: Neighbourhood, boundary: Boundary = .reflect) -> FilterElement {
    FilterElement("maximum", [neighbourhood.key] + boundary.keys)
  }

  /// A percentile, 0 to 100, of the voxels around each voxel.
  public static func percentile(
    _ percent: Double, _ neighbourhood: Neighbourhood, boundary: Boundary = .reflect
  ) -> FilterElement {
    FilterElement("percentile", [("percent", .double(percent)), neighbourhood.key] + boundary.keys)
  }

  /// The second number of arithmetic.
  public struct Operand: Sendable {
    let key: (String, JSONOutput?)

    /// The same for every voxel.
    public static func number(_ value: Double) -> Self { Self(key: ("value", .double(value))) }
    /// The voxels of a scan on the same grid.
    public static func file(_ path: String) -> Self { Self(key: ("file", .string(path))) }
  }

  /// Adds a number or a scan.
  public static func add(_ operand: Operand) -> FilterElement { FilterElement("add", [operand.key]) }
  /// Subtracts a number or a scan.
  public static func subtract(_ operand: Operand) -> FilterElement { FilterElement("subtract", [operand.key]) }
  /// Multiplies by a number or a scan.
  public static func multiply(_ operand: Operand) -> FilterElement { FilterElement("multiply", [operand.key]) }
  /// Divides by a number or a scan.
  public static func divide(_ operand: Operand) -> FilterElement { FilterElement("divide", [operand.key]) }

  /// Divides the voxels by Otsu's threshold: 1 above it, else 0.
  ///
  /// - Parameter keepsVoxels: Leaves the voxels above the threshold as they are.
  public static func otsu(bins: Int = 256, keepsVoxels: Bool = false) -> FilterElement {
    FilterElement("otsu", [("bins", .int(bins)), ("result", .string(keepsVoxels ? "voxels" : "mask"))])
  }

  /// Where a statistic runs along.
  public enum ReducedAxis: String, Sendable, CaseIterable { case i, j, k, t }

  /// A statistic along an axis.
  public enum Statistic: Sendable {
    case mean, std, min, max, argmax, median, ar1, tsnr
    /// From 0 to 100.
    case percentile(Double)

    fileprivate var keys: [(String, JSONOutput?)] {
      switch self {
      case .percentile(let percent): [("statistic", .string("percentile")), ("percent", .double(percent))]
      default: [("statistic", .string("\(self)"))]
      }
    }
  }

  /// A statistic along an axis, of which one voxel is left, or along time.
  public static func reduce(along axis: ReducedAxis, _ statistic: Statistic) -> FilterElement {
    FilterElement("reduce", [("axis", .string(axis.rawValue))] + statistic.keys)
  }

  /// A box of voxels.
  ///
  /// - Parameter sizeVoxels: `nil` for all from the first on.
  public static func crop(fromVoxel start: Triple<Int>, sizeVoxels: Triple<Int>? = nil) -> FilterElement {
    FilterElement("crop", [("from_vox", start.json), ("size_vox", sizeVoxels?.json)])
  }
}
