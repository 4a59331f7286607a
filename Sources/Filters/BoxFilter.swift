import Filtering
import Kernels
import StrictJSON
import Volumes

/// The running mean over a box of voxels.
package struct BoxFilter: Filter {
  package static let name = "box"
  package static let summary = "Takes the mean over a box around each voxel."

  private enum Width {
    case voxels(PerAxis<Int>)
    case millimetres(PerAxis<Double>)
  }

  private let width: Width
  private let options: LinearOptions

  package init?(_ object: ObjectReader) {
    let width = Self.readWidth(object)
    let options = LinearOptions(object)
    guard object.isSound, let width, let options else { return nil }
    self.width = width
    self.options = options
  }

  private static func readWidth(_ object: ObjectReader) -> Width? {
    if let size = object.read(sizeKey) { return .voxels(size.perAxis) }
    return object.read(widthKey).map { .millimetres($0.perAxis) }
  }
}

// MARK: - Planning

extension BoxFilter {
  package var scansBeside: [ScanBeside] { options.scansBeside }

  package var needsSpacing: Bool {
    if case .millimetres = width { true } else { false }
  }

  package func plan(for grid: FilterGrid) throws(ScanFailure) -> FilterPlan {
    let axes = grid.axes.intersection(options.axes ?? grid.axes)
    guard !axes.isEmpty else { throw .noAxis(of: Self.name, grid) }
    var passes = PerAxis<Taps?>(all: nil)
    // A box of one voxel is that voxel: no pass.
    for axis in axes.sorted() where size(along: axis, spacing: grid.spacing) != 1 {
      passes[axis] = try taps(along: axis, spacing: grid.spacing)
    }
    let term = SeparableTerm(passes)
    var record = KernelRecord(filter: Self.name, term: term, spacing: grid.spacing)
    record.requestedWidth = requestedWidth
    let operation = try options.operation(Self.name, .separable([term]), on: grid)
    return FilterPlan(operation, record: record, findings: options.findings)
  }

  private var requestedWidth: PerAxis<Double>? {
    guard case .millimetres(let width) = width else { return nil }
    return width
  }

  private func size(along axis: Axis, spacing: Spacing) -> Int {
    switch width {
    case .voxels(let size): size[axis]
    case .millimetres(let width): Box.size(width: width[axis] / spacing[axis])
    }
  }

  private func taps(along axis: Axis, spacing: Spacing) throws(ScanFailure) -> Taps {
    do throws(KernelFailure) {
      return try Box.taps(size: size(along: axis, spacing: spacing))
    } catch {
      throw ScanFailure(error, along: axis)
    }
  }
}

// MARK: - Keys

extension BoxFilter {
  package static let form = Form(
    keys: [nameKey, sizeKey.declaration, widthKey.declaration] + LinearOptions.keys,
    rules: [.exactlyOne(["size_vox", "width_mm"])] + LinearOptions.rules)

  private static let sizeKey = Key<ScalarOrTriple<Int>>(
    "size_vox",
    .scalarOrTriple(.integer(.from(1, to: Box.largestSize)), element: .integer(.from(1, to: Box.largestSize))),
    .optional,
    "Edge of the box in voxels; an even box reaches one voxel further back than forth.")
  private static let widthKey = Key<ScalarOrTriple<Double>>(
    "width_mm", .amount, .optional, "Edge of the box in millimetres, taken as the nearest odd number of voxels.")
}
