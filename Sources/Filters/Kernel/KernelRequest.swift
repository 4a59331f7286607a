import Kernels
import StrictJSON
import Volumes

/// The keys of a `kernel` element that describe the weights, before they are placed on axes and factored.
struct KernelRequest {
  private let weights: KernelWeights
  private let normalisation: KernelFilter.Normalisation
  private let origin: ScalarOrTriple<Int>
  private let tolerance: Double
  private let method: KernelFilter.Method

  init?(_ object: ObjectReader) {
    let weights = object.read(Self.weightsKey)
    let normalisation = object.read(Self.normaliseKey)
    let origin = object.read(Self.originKey)
    let tolerance = object.read(Self.toleranceKey)
    let method = object.read(Self.methodKey)
    guard object.isSound, let weights, let normalisation, let origin, let tolerance, let method else { return nil }
    self.weights = weights
    self.normalisation = normalisation
    self.origin = origin
    self.tolerance = tolerance
    self.method = method
  }

  /// Whether turning the weights round changes nothing.
  var isSymmetric: Bool { weights.values.elementsEqual(weights.values.reversed()) }

  /// Puts the weights on their axes, divides and factors them. `nil` after a report, or when somebody asked to stop.
  ///
  /// - Parameter axes: As many as the weights have dimensions; `nil` for the first ones.
  func place(axes: Set<Axis>?, _ object: ObjectReader, isStopped: () -> Bool) -> PlacedKernel? {
    let dimensions = weights.lengths.count
    let axes = axes?.sorted() ?? Array(Axis.allCases.prefix(dimensions))
    guard axes.count == dimensions else {
      object.report("expected \(dimensions), one for each dimension of the weights, found \(axes.count)", at: "axes")
      return nil
    }
    let lengths = axes.indices.reduce(into: PerAxis(all: 1)) { $0[axes[$1]] = weights.lengths[$1] }
    guard let shape = Shape(i: lengths.i, j: lengths.j, k: lengths.k) else { return nil }
    guard let origin = placedOrigin(shape, axes, object), let divisor = divisor(object) else { return nil }
    let raw = DenseKernel(shape: shape, weights: weights.values, origin: origin)
    let asked = PlacedKernel.Request(
      divisor: divisor, promisesSum: normalisation == .sum, tolerance: tolerance, method: method)
    let placed = try? PlacedKernel(raw, asked) { () throws(Stopped) in if isStopped() { throw Stopped() } }
    guard let kernel = placed else { return nil }
    guard method != .separable || kernel.method == .separable else {
      reportNotSeparable(kernel, object)
      return nil
    }
    return kernel
  }

  /// The weight that meets the voxel: index size / 2 + origin, as in `scipy.ndimage`.
  private func placedOrigin(_ shape: Shape, _ axes: [Axis], _ object: ObjectReader) -> PerAxis<Int>? {
    var placed = PerAxis(all: 0)
    for axis in Axis.allCases {
      let shift = shift(along: axis, axes)
      let allowed = -(shape[axis] / 2)...(shape[axis] - 1 - shape[axis] / 2)
      guard allowed.contains(shift) else {
        let range = "\(allowed.lowerBound) to \(allowed.upperBound)"
        object.report("expected \(range) along \(axis.name), found \(shift)", at: "origin_vox")
        return nil
      }
      placed[axis] = shape[axis] / 2 + shift
    }
    return placed
  }

  /// One number is meant for the axes that the kernel has.
  private func shift(along axis: Axis, _ axes: [Axis]) -> Int {
    if case .scalar = origin, !axes.contains(axis) { return 0 }
    return origin.perAxis[axis]
  }

  private func divisor(_ object: ObjectReader) -> Double? {
    let total = weights.values.reduce(0) { $0 + $1.magnitude }
    guard total.isFinite else {
      object.report("expected weights that can be summed, found a sum beyond the largest number", at: "weights")
      return nil
    }
    let sum = weights.values.reduce(0, +)
    let divisor =
      switch normalisation {
      case .none: 1.0
      case .sum: sum
      case .absoluteSum: total
      }
    // A sum that is only the rounding of its parts is a zero: dividing by it would make weights of noise.
    let noise = Double(weights.values.count) * .ulpOfOne * total
    guard normalisation == .none || divisor.magnitude > noise else {
      object.report("expected weights whose sum is not 0, found a sum of \(divisor.words)", at: "normalise")
      return nil
    }
    return divisor
  }

  private func reportNotSeparable(_ kernel: PlacedKernel, _ object: ObjectReader) {
    let values = kernel.singularValues
    let ratio = values.count > 1 && values[0] > 0 ? values[1] / values[0] : 0
    object.report(
      "expected weights that are an outer product (tolerance \(tolerance)), found a second singular value of "
        + "\(ratio) times the first; \"auto\" finds another way",
      at: "method")
  }
}

// MARK: - Keys

extension KernelRequest {
  static let weightsKey = Key<KernelWeights>(
    "weights", .weights, .optional,
    "Nested arrays, innermost along i, outermost along k: 1-D (i), 2-D (rows are j) or 3-D, unless `axes` says otherwise."
  )
  private static let normaliseKey = Key<KernelFilter.Normalisation>(
    "normalise", .choice, .byDefault(.none), "Divides the weights by their sum, or by the sum of their absolute values."
  )
  private static let originKey = Key<ScalarOrTriple<Int>>(
    "origin_vox", .scalarOrTriple(.integer(), element: .integer()), .byDefault(.scalar(0)),
    "Moves the weight that meets the voxel away from the centre (size / 2, rounded down), as `origin` in scipy.ndimage."
  )
  static let defaultTolerance = 1e-6
  private static let toleranceKey = Key<Double>(
    "tolerance", .number(.from(0, below: 1)), .byDefault(defaultTolerance),
    "How far, relative to its weights, the kernel may be from the passes that replace it; the bound is recorded.")
  private static let methodKey = Key<KernelFilter.Method>(
    "method", .choice, .byDefault(.auto),
    "`auto` runs the cheapest of 1-D passes, sums of such, and the kernel as it is; `separable` insists on one outer "
      + "product; `dense` takes nothing apart.")

  static let keys = [
    normaliseKey.declaration, originKey.declaration, toleranceKey.declaration, methodKey.declaration,
  ]
}
