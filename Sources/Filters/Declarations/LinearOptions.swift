import Filtering
import Kernels
import StrictJSON
import Volumes

/// What every linear filter can be told beside its own keys: what lies beyond the volume, and inside which mask it works.
package struct LinearOptions: Sendable {
  let boundary: Boundary
  /// As written; `nil` when the job does not say.
  let axes: Set<Axis>?
  let mask: MaskOptions?

  struct MaskOptions: Sendable {
    let file: String
    let outside: MaskedConvolution.Outside
    let minimumWeight: Double

    var scan: ScanBeside { ScanBeside(key: "mask", file: file, role: .mask) }
  }

  /// `nil` when something was wrong and has been reported.
  init?(_ object: ObjectReader) {
    let name = object.read(Self.boundaryKey)
    let value = object.read(Self.valueKey)
    let axes = object.read(Self.axesKey)
    let mask = object.read(Self.maskKey)
    let outside = object.read(Self.maskOutsideKey)
    let minimumWeight = object.read(Self.minimumWeightKey)
    guard object.isSound, let name, let value, let outside, let minimumWeight else { return nil }
    self.boundary = name.boundary(value: value)
    self.axes = axes.map { Set($0) }
    self.mask = mask.map { MaskOptions(file: $0, outside: outside, minimumWeight: minimumWeight) }
  }

  /// Reports what divides by the kernel's weight, when the kernel's weights have no sum to divide by.
  ///
  /// - Parameter objection: What the kernel has against it, if anything: `the kernel has weights below 0`.
  func reportDivisions(_ objection: String?, to object: ObjectReader) {
    guard let objection else { return }
    let reason = "because this divides by the sum of the weights in reach, and \(objection)"
    if boundary == .renormalise { object.report("\"renormalise\" is not possible here, \(reason)", at: "boundary") }
    if mask != nil { object.report("not possible here, \(reason)", at: "mask") }
  }
}

// MARK: - Planning

extension LinearOptions {
  var scansBeside: [ScanBeside] { mask.map { [$0.scan] } ?? [] }

  /// What the job says and nothing comes of.
  var findings: [Finding] {
    guard mask != nil, case .constant(let value) = boundary, value != 0 else { return [] }
    return [
      Finding(
        "boundary-value-unused",
        "the value \(value.words) is not used: with a mask, what lies outside the volume lies outside the mask")
    ]
  }

  /// - Parameter facts: of a kernel that was factored.
  func operation(
    _ filter: String, _ kernel: LinearKernel, facts: KernelFacts? = nil, on grid: FilterGrid
  ) throws(ScanFailure) -> LinearOperation {
    var convolution: MaskedConvolution?
    if let mask {
      convolution = MaskedConvolution(
        mask: try grid.mask(mask.scan), outside: mask.outside, minimumWeight: mask.minimumWeight)
    }
    return LinearOperation(filter: filter, kernel: kernel, boundary: boundary, mask: convolution, facts: facts)
  }
}

extension FilterGrid {
  /// A mask whose every byte has a voxel of the scan; whether it also lies at the same place is the loader's question.
  func loadFittingMask(_ file: String) throws(ScanFailure) -> Mask {
    let mask = try loadMask(file)
    guard mask.shape == shape, mask.inside.count == shape.count else {
      throw ScanFailure(
        .gridMismatch, .plan, "mask", expected: "\(shape) voxels, as the scan has", found: "\(mask.shape)")
    }
    return mask
  }
}

// MARK: - Keys

extension LinearOptions {
  enum BoundaryName: String, CaseIterable, Sendable {
    case reflect, mirror, nearest, constant, wrap, renormalise

    func boundary(value: Double) -> Boundary {
      switch self {
      case .reflect: .reflect
      case .mirror: .mirror
      case .nearest: .nearest
      case .constant: .constant(value)
      case .wrap: .wrap
      case .renormalise: .renormalise
      }
    }
  }

  static let boundaryKey = Key<BoundaryName>(
    "boundary", .choice, .byDefault(.reflect), "What lies beyond the first and the last voxel of a line.")
  static let valueKey = Key<Double>(
    "value", .number(), .byDefault(0), "The value beyond the volume, for the boundary `constant`.")
  static let axesKey = Key<[Axis]>(
    "axes", .list(of: .axis, "axes", count: 1...3, isUnique: true), .optional,
    "The axes to filter along, in any order; without this key, all (`kernel`: the first 1, 2 or 3).")
  private static let maskKey = Key<String>(
    "mask", .scanPattern, .optional,
    "A scan on the same grid; voxels above 0 are inside, and only those inside count (normalised convolution).")
  static let maskOutsideKey = Key<MaskedConvolution.Outside>(
    "mask_outside", .choice, .byDefault(.keep), "What voxels outside the mask become: what they were, 0, or NaN.")
  private static let minimumWeightKey = Key<Double>(
    "min_weight", .number(.above(0, upTo: 1)), .byDefault(1e-9),
    "Voxels that reach less than this share of the kernel's weight inside the mask count as outside.")

  package static let keys = [
    boundaryKey.declaration, valueKey.declaration, axesKey.declaration, maskKey.declaration,
    maskOutsideKey.declaration, minimumWeightKey.declaration,
  ]

  static let rules: [Rule] = [
    .onlyWith("value", key: "boundary", is: "constant"), .needs("mask_outside", "mask"), .needs("min_weight", "mask"),
  ]
}

extension Kind where Value == Axis {
  static var axis: Kind { .word(Axis.allCases.map { ($0.name, $0) }) }
}
