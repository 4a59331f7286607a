import Kernels
import StrictJSON
import Volumes

/// `--laplacian neighbours=26`
struct LaplacianFormula: KernelFormula {
  static let name = "laplacian"
  static let form = Form(keys: [neighboursKey.declaration, FormulaAxes.key.declaration])

  private let axes: Set<Axis>
  private let countsAll: Bool

  init?(_ object: ObjectReader) {
    let neighbours = object.read(Self.neighboursKey)
    guard object.isSound, let axes = object.read(FormulaAxes.key) else { return nil }
    let (faces, all) = (2 * axes.count, axes.reduce(1) { cube, _ in 3 * cube } - 1)
    guard neighbours == nil || neighbours == faces || neighbours == all else {
      object.report("expected \(faces) or \(all), found \(neighbours ?? 0)", at: "neighbours")
      return nil
    }
    self.axes = Set(axes)
    countsAll = neighbours != nil && neighbours != faces
  }

  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel {
    try countsAll ? .laplacianOfAllNeighbours(axes: axes) : .laplacian(axes: axes)
  }

  private static let neighboursKey = Key<Int>(
    "neighbours", .integer(), .optional,
    "6 neighbours across faces (the default) or all 26; along two axes 4 or 8.")
}

/// `--sobel axis=i`, and its relatives.
struct SlopeFormula<Kind: SlopeKind>: KernelFormula {
  static var name: String { Kind.slope.rawValue }
  static var form: Form { Form(keys: [axisKey.declaration, FormulaAxes.key.declaration]) }

  private let axis: Axis
  private let axes: Set<Axis>

  init?(_ object: ObjectReader) {
    let axis = object.read(Self.axisKey)
    let axes = object.read(FormulaAxes.key)
    guard object.isSound, let axis, let axes else { return nil }
    guard axes.contains(axis) else {
      object.report("expected \(axes.map(\.name).quotedList("or")), found \(axis.name.quoted)", at: "axis")
      return nil
    }
    self.axis = axis
    self.axes = Set(axes)
  }

  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel {
    .slope(Kind.slope, along: axis, axes: axes)
  }

  private static var axisKey: Key<Axis> {
    Key("axis", .axis, .required, "The axis along which the slope is taken; the others are smoothed.")
  }
}

/// Which smoothing goes with a slope.
protocol SlopeKind: Sendable {
  static var slope: AnalyticKernel.Slope { get }
}

enum Sobel: SlopeKind { static let slope = AnalyticKernel.Slope.sobel }
enum Prewitt: SlopeKind { static let slope = AnalyticKernel.Slope.prewitt }
enum Scharr: SlopeKind { static let slope = AnalyticKernel.Slope.scharr }

/// `--binomial size_vox=5`
struct BinomialFormula: KernelFormula {
  static let name = "binomial"
  static let form = Form(keys: [sizeKey.declaration, normaliseKey.declaration, FormulaAxes.key.declaration])

  private let order: PerAxis<Int>
  private let isNormalised: Bool

  init?(_ object: ObjectReader) {
    let size = object.read(Self.sizeKey)
    let normalisation = object.read(Self.normaliseKey)
    let axes = object.read(FormulaAxes.key)
    guard object.isSound, let size, let normalisation, let axes else { return nil }
    var order = PerAxis(all: 0)
    for axis in axes { order[axis] = size.perAxis[axis] - 1 }
    guard order != PerAxis(all: 0) else {
      object.report("expected a size above 1 along one of these axes, found 1", at: "axes")
      return nil
    }
    self.order = order
    isNormalised = normalisation == .sum
  }

  func kernel(spacing: Spacing) throws(KernelFailure) -> AnalyticKernel {
    try .binomial(order: order, isNormalised: isNormalised)
  }

  private enum Normalisation: String, CaseIterable, Sendable { case none, sum }

  private static let sizeKey = Key<ScalarOrTriple<Int>>(
    "size_vox", .scalarOrTriple(.integer(.from(2, to: 57)), element: .integer(.from(1, to: 57))), .required,
    "How many weights: the numbers of that row of Pascal's triangle; of three, a 1 leaves an axis alone.")
  private static let normaliseKey = Key<Normalisation>(
    "normalise", .choice, .byDefault(.none), "`sum` divides the weights by their sum.")
}
