import Filtering
import Filters
import Parallel
import Volumes

/// Resolves the job's filters once per distinct grid.
struct GridPlanner {
  let filters: [any Filter]
  let engine: Engine
  let masks: MaskLoader

  private(set) var grids: [PlannedGrid] = []
  private var known: [GridKey: Result<Int, ScanFailure>] = [:]
  private var kernels = 0

  init(filters: [any Filter], engine: Engine, masks: MaskLoader) {
    self.filters = filters
    self.engine = engine
    self.masks = masks
  }

  /// The index of the grid that a scan belongs to; its chain is built when it is the first on it.
  ///
  /// - Parameter double: Whether second scans of this scan would lose digits in Float.
  /// - Throws: why the filters cannot work on the grid; every scan on it gets the same answer.
  mutating func grid(for facts: ScanFacts, double: Bool) throws(ScanFailure) -> Int {
    let key = GridKey(
      facts, withAffine: filters.contains { $0.scansBeside.contains(where: \.isPlanned) }, double: double)
    if let answer = known[key] { return try answer.get() }
    let answer = Result { () throws(ScanFailure) in try plan(key) }
    known[key] = answer
    return try answer.get()
  }

  private mutating func plan(_ key: GridKey) throws(ScanFailure) -> Int {
    let masks = self.masks
    var layout = key.layout
    var chain = Chain([])
    var planned: [PlannedFilter] = []
    var saved: [Int] = []
    for filter in filters {
      let grid = FilterGrid(layout: layout) { [layout] (file) throws(ScanFailure) in
        try masks.mask(file, for: layout, withAffine: key.affine != nil)
      }
      let plan = try filter.plan(for: grid)
      if filter.savesAs != nil { saved.append(chain.operations.count) }
      if let operation = plan.operation {
        chain.operations.append(operation)
        layout = try operation.output(for: layout)
      }
      planned.append(numbered(plan, of: filter))
    }
    let double = key.double || chain.needsDouble(in: engine)
    guard planned.allSatisfy({ $0.record?.fits ?? true }) else { throw .beyondRange }
    try requireVolume(key.shape, for: chain)
    grids.append(
      PlannedGrid(
        key: key, chain: chain, filters: planned,
        points: ([chain.operations.count] + saved).map { ChainPoint(behind: $0, of: chain) },
        cost: double ? cost(of: chain, key, in: Double.self) : cost(of: chain, key, in: Float.self), double: double))
    return grids.count - 1
  }

  /// In a table of values, or on a surface, a neighbour in the file is none in space.
  private func requireVolume(_ shape: Shape, for chain: Chain) throws(ScanFailure) {
    let axes = chain.neighbourAxes(in: engine)
    guard !axes.isEmpty else { return }
    guard axes.contains(where: { shape[$0] > 1 }) else { throw .noNeighbours(shape) }
    if shape.j == 1, shape.k == 1, shape.i >= Self.leastVertices { throw .row(of: shape.i) }
  }

  /// No volume is so long and one voxel wide; surfaces of whole hemispheres have more vertices.
  private static let leastVertices = 2000

  private func cost<Scalar: ComputeScalar>(of chain: Chain, _ key: GridKey, in scalar: Scalar.Type) -> ChainCost {
    engine.cost(of: chain.operations, layout: key.layout, scalar: scalar)
  }

  private mutating func numbered(_ plan: FilterPlan, of filter: any Filter) -> PlannedFilter {
    if plan.record != nil { kernels += 1 }
    return PlannedFilter(
      name: type(of: filter).name, kernelID: plan.record.map { _ in "k\(kernels)" },
      scope: plan.operation?.scope(in: engine), record: plan.record,
      findings: plan.findings)
  }
}

extension KernelRecord {
  /// Whether finite voxels can be told to stay finite: Σ|K| times a count of weights, which the bound holds, is a number.
  /// In Double, which chains of large weights run in.
  fileprivate var fits: Bool { roundingBound(unit: 0x1p-53) <= .greatestFiniteMagnitude * 0x1p-53 }
}

extension ScanFailure {
  fileprivate static func noNeighbours(_ shape: Shape) -> ScanFailure {
    ScanFailure(
      .notAVolume, .plan, "dims", expected: "more than one voxel along an axis that is filtered",
      found: "frames of \(shape)", advice: "is this a volume? Exclude it, or filter along its longer axes")
  }

  fileprivate static func row(of voxels: Int) -> ScanFailure {
    ScanFailure(
      .notAVolume, .plan, "dims", expected: "a volume",
      found: "a row of \(voxels) values, as programs keep them per vertex",
      advice: "smooth it along its surface, with FreeSurfer or wb_command, or exclude it")
  }

  fileprivate static let beyondRange = ScanFailure(
    .kernelUnfit, .plan, "kernel", expected: "weights whose sum float64 can hold", found: "larger ones",
    advice: "make the weights smaller; a scale filter behind them can make up for it")
}
