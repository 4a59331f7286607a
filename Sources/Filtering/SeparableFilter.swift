import Kernels
import Volumes

/// A sum of separable terms, ready to run on frames of one shape.
///
/// The passes that terms have in common run once (`SharedPasses`): slices first, a frame for each group of terms with
/// the same pass along k; then columns, which add up what the groups come to. A single group does both in one stage where
/// that is faster.
struct SeparableFilter<S: ComputeScalar>: Sendable {
  /// What is left in slices: the terms without a pass along k.
  private let flat: PlaneStage<S>?
  private let batches: [Batch]

  /// Some groups, summed together.
  private enum Batch: Sendable {
    case rolling(RollingStage<S>)
    case inTurn(TwoStages<S>)
  }

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ terms: [SeparableTerm], shape: Shape, boundary: Boundary, outside: S, tiling: Tiling) {
    let passes = SharedPasses(terms.map(\.passes))
    flat = passes.flatPart.map {
      PlaneStage($0, shape: shape, boundary: boundary, outside: outside, tiling: tiling)
    }
    batches = passes.batches.map { batch in
      guard let group = batch.rolling, let size = RollingSize(group, shape: shape, scalar: S.self, tiling: tiling)
      else { return .inTurn(TwoStages(batch, shape: shape, boundary: boundary, outside: outside, tiling: tiling)) }
      return .rolling(
        RollingStage(group, size, shape: shape, boundary: boundary, outside: outside, tiling: tiling))
    }
  }

  /// Filters `source`, whose memory is used again.
  func apply(to source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    // The only batch has read all of its source before it writes a result, if it goes through frames between.
    if flat == nil, batches.count == 1, case .inTurn(let stages) = batches[0], stages.isThroughFrames {
      try stages.run(from: Slices(source), to: Slices(source), adds: false, runner: runner)
      return source
    }
    let result = try runner.spare.takeFrame()
    let (from, to) = (Slices(source), Slices(result))
    if let flat { try runner.run(flat, from: [from], to: [to], adds: false) }
    for (index, batch) in batches.enumerated() {
      let adds = flat != nil || index > 0
      switch batch {
      case .rolling(let stage): try runner.run(stage, from: [from], to: [to], adds: adds)
      case .inTurn(let stages): try stages.run(from: from, to: to, adds: adds, runner: runner)
      }
    }
    runner.spare.giveBack(source)
    return result
  }
}

/// Slices first, columns afterwards, with frames between.
private struct TwoStages<S: ComputeScalar>: Sendable {
  /// For the groups that do something within slices; the others read the source itself.
  private let plane: PlaneStage<S>?
  private let depth: DepthStage<S>
  /// For each group, its place among the frames that `plane` makes.
  private let places: [Int?]

  init(_ batch: PassBatch, shape: Shape, boundary: Boundary, outside: S, tiling: Tiling) {
    let inSlices = batch.inSlices.map {
      PlaneStage<S>($0, shape: shape, boundary: boundary, outside: outside, tiling: tiling)
    }
    let depth = zip(batch.groups, batch.places).compactMap { group, place in
      group.k.map { taps in
        let beyond = place.flatMap { inSlices?.outsideOfNext[$0] } ?? outside
        return LinePass<S>(taps, length: shape.k, boundary: boundary, outside: beyond)
      }
    }
    plane = inSlices
    self.depth = DepthStage(shape: shape, k: depth, tiling: tiling)
    places = batch.places
  }

  /// Whether no column reads the source itself.
  var isThroughFrames: Bool { places.allSatisfy { $0 != nil } }

  func run(
    from source: Slices, to result: Slices, adds: Bool, runner: Runner<S>
  ) throws(EngineFailure) {
    var between: [SpacedSlices] = []
    for _ in 0..<(plane?.outputs ?? 0) { between.append(try runner.spare.takeSlices()) }
    defer { between.forEach(runner.spare.giveBack) }
    if let plane { try runner.run(plane, from: [source], to: between.map(\.slices), adds: false) }
    try runner.run(depth, from: places.map { $0.map { between[$0].slices } ?? source }, to: [result], adds: adds)
  }
}

/// Groups that run together.
struct PassBatch {
  let groups: [SharedPasses.Group]
  /// What the groups do within slices, if any of them does.
  let inSlices: SharedPasses?
  /// For each group, its place among those of `inSlices`.
  let places: [Int?]
}

extension SharedPasses {
  /// The terms without a pass along k.
  var flatPart: SharedPasses? {
    parts.first.flatMap { $0.groups[0].k == nil ? $0 : nil }
  }

  /// The parts with passes along k.
  var batches: [PassBatch] {
    parts.filter { $0.groups[0].k != nil }.map { part in
      let groups = part.groups
      let busy = groups.indices.filter { !groups[$0].isDepthOnly }
      var places = [Int?](repeating: nil, count: groups.count)
      for (place, index) in busy.enumerated() { places[index] = place }
      // The passes along i that these groups need, and no others.
      let inSlices = busy.isEmpty ? nil : SharedPasses(busy.map { groups[$0] }, of: part)
      return PassBatch(groups: groups, inSlices: inSlices, places: places)
    }
  }
}

extension SharedPasses.Group {
  /// Whether the group leaves slices as they are.
  var isDepthOnly: Bool { planes.count == 1 && planes[0].i == nil && planes[0].j == nil }
}
