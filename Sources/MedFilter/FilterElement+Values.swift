import StrictJSON

// What the keys of filters hold.

extension FilterElement {
  /// An axis of a volume; in memory, i is the fastest.
  public enum Axis: String, Sendable, CaseIterable { case i, j, k }

  /// One number for each axis.
  public struct Triple<Number: Sendable & Hashable>: Sendable, Hashable {
    /// Along the axis that is fastest in memory.
    public var i: Number
    /// Along the second axis.
    public var j: Number
    /// Along the slices.
    public var k: Number

    /// One number for each axis.
    public init(_ i: Number, _ j: Number, _ k: Number) {
      self.i = i
      self.j = j
      self.k = k
    }

    /// The same number for all axes.
    public init(all number: Number) { self.init(number, number, number) }

    var isOneForAll: Bool { i == j && j == k }
  }

  /// The width of a Gaussian: one for all axes, or one per axis, where 0 leaves the axis unfiltered.
  public struct GaussianWidth: Sendable {
    let key: (String, JSONOutput?)

    /// Full width at half maximum, the same along all axes.
    public static func fwhmMillimetres(_ width: Double) -> Self { Self(key: ("fwhm_mm", .double(width))) }
    /// Full width at half maximum along each axis; 0 leaves its axis alone.
    public static func fwhmMillimetres(_ width: Triple<Double>) -> Self { Self(key: ("fwhm_mm", width.json)) }
    /// Standard deviation, the same along all axes.
    public static func sigmaMillimetres(_ width: Double) -> Self { Self(key: ("sigma_mm", .double(width))) }
    /// Standard deviation along each axis; 0 leaves its axis alone.
    public static func sigmaMillimetres(_ width: Triple<Double>) -> Self { Self(key: ("sigma_mm", width.json)) }
    /// Standard deviation, the same along all axes.
    public static func sigmaVoxels(_ width: Double) -> Self { Self(key: ("sigma_vox", .double(width))) }
    /// Standard deviation along each axis; 0 leaves its axis alone.
    public static func sigmaVoxels(_ width: Triple<Double>) -> Self { Self(key: ("sigma_vox", width.json)) }
  }

  /// The edges of a box.
  public struct BoxWidth: Sendable {
    let key: (String, JSONOutput?)

    /// The same along all axes.
    public static func voxels(_ size: Int) -> Self { Self(key: ("size_vox", .int(size))) }
    /// Along each axis; 1 leaves its axis alone.
    public static func voxels(_ size: Triple<Int>) -> Self { Self(key: ("size_vox", size.json)) }
    /// The same along all axes, taken as the nearest odd number of voxels.
    public static func millimetres(_ width: Double) -> Self { Self(key: ("width_mm", .double(width))) }
    /// Along each axis, taken as the nearest odd number of voxels.
    public static func millimetres(_ width: Triple<Double>) -> Self { Self(key: ("width_mm", width.json)) }
  }

  /// Options of every linear filter: the boundary, the axes to filter along, and a mask.
  public struct LinearOptions: Sendable {
    /// What lies beyond the volume.
    public var boundary: Boundary
    /// The axes to filter along; `nil` for all.
    public var axes: [Axis]?
    /// `nil` where every voxel counts.
    public var mask: Mask?

    /// The defaults of a job.
    public init(boundary: Boundary = .reflect, axes: [Axis]? = nil, mask: Mask? = nil) {
      self.boundary = boundary
      self.axes = axes
      self.mask = mask
    }

    var keys: [(String, JSONOutput?)] {
      boundary.keys + [("axes", axes.map { .array($0.map { .string($0.rawValue) }) })] + (mask?.keys ?? [])
    }
  }

  /// Normalised convolution: only voxels inside a mask count.
  public struct Mask: Sendable {
    /// What voxels outside become.
    public enum Outside: String, Sendable, CaseIterable { case keep, zero, nan }

    /// The path of a scan on the same grid, or the name of a mask in memory.
    public var file: String
    /// What voxels outside the mask become.
    public var outside: Outside
    /// Voxels with less than this share of the kernel's weight inside the mask count as outside.
    public var minimumWeight: Double?

    /// - Parameter minimumWeight: `nil` for the default of a job.
    public init(_ file: String, outside: Outside = .keep, minimumWeight: Double? = nil) {
      self.file = file
      self.outside = outside
      self.minimumWeight = minimumWeight
    }

    fileprivate var keys: [(String, JSONOutput?)] {
      [
        ("mask", .string(file)), ("mask_outside", .string(outside.rawValue)),
        ("min_weight", minimumWeight.map { .double($0) }),
      ]
    }
  }

  /// Weights in one, two or three dimensions, the innermost array along i unless the axes say otherwise.
  public struct KernelWeights: Sendable {
    let key: (String, JSONOutput?)

    /// Along one axis, the first of the axes.
    public static func line(_ weights: [Double]) -> Self { Self(key: ("weights", row(weights))) }
    /// Rows of weights: each row along i, row after row along j.
    public static func plane(_ weights: [[Double]]) -> Self { Self(key: ("weights", .array(weights.map(row)))) }
    /// Planes of rows, plane after plane along k.
    public static func block(_ weights: [[[Double]]]) -> Self {
      Self(key: ("weights", .array(weights.map { .array($0.map(row)) })))
    }
    /// A JSON file, or a scan whose voxels are the weights.
    public static func file(_ path: String) -> Self { Self(key: ("file", .string(path))) }

    private static func row(_ weights: [Double]) -> JSONOutput { .array(weights.map { .double($0) }) }
  }

  /// `convolve` flips the weights, `correlate` does not.
  public enum KernelMode: String, Sendable, CaseIterable { case convolve, correlate }

  /// What weights are divided by: nothing, their sum, or the sum of their magnitudes.
  public enum Normalisation: String, Sendable, CaseIterable {
    case none, sum
    case absoluteSum = "abs_sum"
  }

  /// How a kernel runs: the cheapest way, only as one outer product, or dense.
  public enum KernelMethod: String, Sendable, CaseIterable { case auto, separable, dense }
}

extension FilterElement.Triple<Double> {
  var json: JSONOutput { .array([i, j, k].map { .double($0) }) }
}

extension FilterElement.Triple<Int> {
  var json: JSONOutput { .array([i, j, k].map { .int($0) }) }
}

// A chain's elements are what a job would hold.

extension FilterElement: CustomStringConvertible {
  /// As in a job file.
  public var description: String { json.encoded() }
}
