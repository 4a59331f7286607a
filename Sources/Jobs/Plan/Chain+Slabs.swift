import Filtering
import Kernels
import Volumes

extension Chain {
  /// How many slices on either side the chain looks at to filter one, the same on both sides: a boundary turns what a
  /// filter asks for beyond the frame back into it.
  ///
  /// - Returns: at most the frame's length, which means the same as more; `nil` when the chain needs whole frames: a
  ///   boundary that wraps around looks at the other end.
  func reachAlongK(in shape: Shape) -> Int? {
    var reach = 0
    for case .linear(let step) in steps {
      let more = step.kernel.reachAlongK
      if step.boundary == .wrap, more > 0 { return nil }
      reach = min(shape.k, reach.addingSaturating(more))
    }
    return reach
  }

  /// Whether some filter looks beyond a voxel.
  var looksAtNeighbours: Bool { !reachedAxes.isEmpty }

  /// Whether some filter finds a neighbour for a voxel.
  func hasNeighbours(in shape: Shape) -> Bool { reachedAxes.contains { shape.lengths[$0] > 1 } }

  private var reachedAxes: Set<Axis> {
    var axes: Set<Axis> = []
    for case .linear(let step) in steps { axes.formUnion(Axis.allCases.filter(step.kernel.reaches)) }
    return axes
  }

  /// The chain for some slices of its frames: masks are cut, all else is the same.
  func cut(to slices: Range<Int>) -> Chain { Chain(steps: steps.map { $0.cut(to: slices) }) }

  var hasMasks: Bool { masks.isEmpty == false }

  /// Bytes of all masks.
  var maskBytes: Int { masks.reduce(0) { $0.addingSaturating($1.inside.count) } }

  private var masks: [Mask] {
    steps.compactMap { step in
      switch step {
      case .linear(let step): step.mask?.mask
      case .pointwise(.mask(let mask)): mask
      case .pointwise: nil
      }
    }
  }
}

extension Step {
  fileprivate func cut(to slices: Range<Int>) -> Step {
    switch self {
    case .linear(var step):
      if let masked = step.mask { step.mask?.mask = masked.mask.cut(to: slices) }
      return .linear(step)
    case .pointwise(.mask(let mask)): return .pointwise(.mask(mask.cut(to: slices)))
    case .pointwise: return self
    }
  }
}

extension Mask {
  fileprivate func cut(to slices: Range<Int>) -> Mask {
    guard slices != 0..<shape.k, let cut = shape.cut(to: slices.count) else { return self }
    return Mask(shape: cut, inside: Array(inside[slices.lowerBound * shape.slice..<slices.upperBound * shape.slice]))
  }
}

extension Shape {
  /// As many lines, and so many slices.
  func cut(to slices: Int) -> Shape? { Shape(i: i, j: j, k: slices) }
}

extension LinearKernel {
  fileprivate func reaches(_ axis: Axis) -> Bool {
    switch self {
    case .separable(let terms): terms.contains { ($0.passes[axis]?.count ?? 1) > 1 }
    case .dense(let kernel): kernel.shape.lengths[axis] > 1
    }
  }

  fileprivate var reachAlongK: Int {
    switch self {
    case .separable(let terms): terms.compactMap { $0.passes.k?.reach }.max() ?? 0
    case .dense(let kernel): max(kernel.origin.k, kernel.shape.k - 1 - kernel.origin.k)
    }
  }
}

extension Taps {
  /// An origin may lie outside.
  fileprivate var reach: Int { max(origin, count - 1 - origin) }
}
