import Kernels
import Volumes

/// A sum of separable terms, ready to run on frames of one shape.
///
/// The passes that terms have in common run once (`SharedPasses`): slices first, a frame for each group of terms with
/// the same pass along k; then columns, which add up what the groups come to.
struct SeparableFilter<S: ComputeScalar>: Sendable {
  /// What is left in slices: the terms without a pass along k.
  private let flat: PlaneStage<S>?
  private let batches: [Batch]

  /// Some groups: their frames are made together, and summed together.
  private struct Batch: Sendable {
    /// For the groups that do something within slices; the others read the source itself.
    let plane: PlaneStage<S>?
    let depth: DepthStage<S>
    /// For each group, its place among the frames that `plane` makes.
    let places: [Int?]
  }

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ terms: [SeparableTerm], shape: Shape, boundary: Boundary, outside: S, lanes: Int) {
    let passes = SharedPasses(terms.map(\.passes))
    func plane(_ passes: SharedPasses) -> PlaneStage<S> {
      PlaneStage(passes, shape: shape, boundary: boundary, outside: outside, lanes: lanes)
    }
    flat = passes.flatPart.map(plane)
    batches = passes.batches.map { batch in
      let inSlices = batch.inSlices.map(plane)
      let depth = zip(batch.groups, batch.places).compactMap { group, place in
        group.k.map { taps in
          let beyond = place.flatMap { inSlices?.outsideOfNext[$0] } ?? outside
          return LinePass<S>(taps, length: shape.k, boundary: boundary, outside: beyond)
        }
      }
      return Batch(
        plane: inSlices, depth: DepthStage(shape: shape, k: depth, lanes: lanes), places: batch.places)
    }
  }

  /// Filters `source`, whose memory is used again.
  func apply(to source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    var between: [Frame<S>] = []
    for _ in 0..<(batches.map { $0.plane?.outputs ?? 0 }.max() ?? 0) { between.append(try runner.spare.takeFrame()) }
    defer { between.forEach(runner.spare.giveBack) }
    // The only batch has read all of its source before it writes a result, if it goes through frames between.
    let inPlace = flat == nil && batches.count == 1 && batches[0].places.allSatisfy { $0 != nil }
    let result = inPlace ? source : try runner.spare.takeFrame()
    if let flat { try runner.run(flat, from: [source], to: [result], adds: false) }
    for (index, batch) in batches.enumerated() {
      if let plane = batch.plane {
        try runner.run(plane, from: [source], to: Array(between.prefix(plane.outputs)), adds: false)
      }
      let sources = batch.places.map { $0.map { between[$0] } ?? source }
      try runner.run(batch.depth, from: sources, to: [result], adds: flat != nil || index > 0)
    }
    if !inPlace { runner.spare.giveBack(source) }
    return result
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
