import Kernels
import Volumes

/// A sum of separable terms, ready to run on frames of one shape.
struct SeparableFilter<S: ComputeScalar>: Sendable {
  private let terms: [Stages]

  /// The stages of one term. One of them is there, at least.
  private struct Stages: Sendable {
    let plane: PlaneStage<S>?
    let depth: DepthStage<S>?
  }

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ terms: [SeparableTerm], shape: Shape, boundary: Boundary, outside: S, lanes: Int) {
    self.terms = terms.map { term in
      let passes = SeparableFilter.passes(of: term, shape: shape, boundary: boundary, outside: outside)
      let flat = passes.i == nil && passes.j == nil && passes.k != nil
      return Stages(
        plane: flat ? nil : PlaneStage(shape: shape, i: passes.i, j: passes.j, lanes: lanes),
        depth: passes.k.map { DepthStage(shape: shape, k: $0, lanes: lanes) })
    }
  }

  private static func passes(
    of term: SeparableTerm, shape: Shape, boundary: Boundary, outside: S
  ) -> PerAxis<LinePass<S>?> {
    var beyond = outside
    var passes = PerAxis<LinePass<S>?>(all: nil)
    for axis in Axis.allCases {
      guard let taps = term.passes[axis] else { continue }
      let pass = LinePass<S>(taps, length: shape[axis], boundary: boundary, outside: beyond)
      beyond = pass.outsideOfNext
      passes[axis] = pass
    }
    return passes
  }

  /// Filters `source`, whose memory is used again.
  func apply(to source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let needsBetween = terms.contains { $0.plane != nil && $0.depth != nil }
    let between = needsBetween ? try runner.spare.takeFrame() : nil
    defer { if let between { runner.spare.giveBack(between) } }
    // A single term with a frame between its stages has read all of its source before it writes a result.
    let inPlace = terms.count == 1 && needsBetween
    let result = inPlace ? source : try runner.spare.takeFrame()
    for (index, term) in terms.enumerated() {
      try run(term, from: source, between: between, to: result, adds: index > 0, runner: runner)
    }
    if !inPlace { runner.spare.giveBack(source) }
    return result
  }

  private func run(
    _ term: Stages, from source: Frame<S>, between: Frame<S>?, to result: Frame<S>, adds: Bool, runner: Runner<S>
  ) throws(EngineFailure) {
    switch (term.plane, term.depth, between) {
    case (let plane?, let depth?, let between?):
      try runner.run(plane, from: source, to: between, adds: false)
      try runner.run(depth, from: between, to: result, adds: adds)
    case (let plane?, _, _): try runner.run(plane, from: source, to: result, adds: adds)
    case (_, let depth?, _): try runner.run(depth, from: source, to: result, adds: adds)
    case (nil, nil, _): break
    }
  }
}
