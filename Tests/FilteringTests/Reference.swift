import Filtering
import Kernels
import Parallel
import SeededNumbers
import Testing
import Volumes

/// The definition, in Double, one voxel after another and without any order to be fast: what the engine is compared with.
struct Reference {
  let shape: Shape
  var voxels: [Double]

  init<S: ComputeScalar>(_ frame: Frame<S>) {
    shape = frame.shape
    voxels = frame.voxels.map { Double($0) }
  }

  init(shape: Shape, voxels: [Double]) {
    self.shape = shape
    self.voxels = voxels
  }

  /// The voxel at any position; `nil` is beyond a boundary that has none to offer.
  func voxel(_ i: Int, _ j: Int, _ k: Int, _ boundary: Boundary) -> Double? {
    guard let i = boundary.source(of: i, length: shape.i), let j = boundary.source(of: j, length: shape.j),
      let k = boundary.source(of: k, length: shape.k)
    else { return nil }
    return voxels[(k * shape.j + j) * shape.i + i]
  }

  /// Σ weight · voxel, with `outside` beyond the boundary.
  func filtered(_ kernel: DenseKernel, _ boundary: Boundary, outside: Double) -> Reference {
    var result = self
    let origin = kernel.origin
    for k in 0..<shape.k {
      for j in 0..<shape.j {
        for i in 0..<shape.i {
          var sum = 0.0
          for (place, weight) in kernel.weights.enumerated() {
            let t = place % kernel.shape.i
            let u = place / kernel.shape.i % kernel.shape.j
            let v = place / kernel.shape.i / kernel.shape.j
            sum += weight * (voxel(i + t - origin.i, j + u - origin.j, k + v - origin.k, boundary) ?? outside)
          }
          result.voxels[(k * shape.j + j) * shape.i + i] = sum
        }
      }
    }
    return result
  }

  /// As the engine's linear step without absent voxels.
  func filtered(_ kernel: DenseKernel, _ boundary: Boundary) -> Reference {
    var outside = 0.0
    if case .constant(let value) = boundary { outside = value }
    let sums = filtered(kernel, boundary, outside: outside)
    guard boundary == .renormalise else { return sums }
    let ones = Reference(shape: shape, voxels: voxels.map { _ in 1 }).filtered(kernel, boundary, outside: 0)
    return Reference(shape: shape, voxels: zip(sums.voxels, ones.voxels).map { $1 == 0 ? .nan : $0 / $1 })
  }
}

extension SeparableTerm {
  /// All outer products.
  func dense() throws -> DenseKernel {
    let taps = passes.map { $0 ?? Taps(weights: [1], origin: 0) }
    let shape = try #require(Shape(i: taps.i.count, j: taps.j.count, k: taps.k.count))
    var weights: [Double] = []
    for k in taps.k.weights { for j in taps.j.weights { for i in taps.i.weights { weights.append(i * j * k) } } }
    return DenseKernel(shape: shape, weights: weights, origin: taps.map(\.origin))
  }
}

/// Draws frames, taps and kernels, the same in every run.
struct Dice: RandomNumberGenerator {
  private var numbers: SeededNumbers

  /// Neighbouring seeds begin far apart, as tests take one seed after the other.
  init(_ seed: Int) { numbers = SeededNumbers(seed: UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15) }

  mutating func next() -> UInt64 { numbers.next() }

  mutating func frame<S: ComputeScalar>(_ shape: Shape, of scalar: S.Type) throws -> Frame<S> {
    let frame = try Frame<S>(shape: shape)
    for index in frame.voxels.indices { frame.voxels[index] = S(Double.random(in: -1...1, using: &self)) }
    return frame
  }

  /// Positive weights, so that they have a mean.
  mutating func taps(_ count: Int, origin: Int? = nil) -> Taps {
    Taps(weights: (0..<count).map { _ in Double.random(in: 0.01...1, using: &self) }, origin: origin ?? count / 2)
  }
}

typealias Passes = PerAxis<Taps?>

let boundaries: [Boundary] = [.reflect, .mirror, .nearest, .wrap, .constant(0.75), .renormalise]

extension Chain {
  static func linear(
    _ terms: [PerAxis<Taps?>], _ boundary: Boundary, mask: MaskedConvolution? = nil, facts: KernelFacts? = nil
  ) -> Chain {
    Chain([
      LinearOperation(
        filter: "test", kernel: .separable(terms.map { SeparableTerm($0) }), boundary: boundary, mask: mask,
        facts: facts)
    ])
  }

  static func linear(_ kernel: DenseKernel, _ boundary: Boundary, mask: MaskedConvolution? = nil) -> Chain {
    Chain([LinearOperation(filter: "test", kernel: .dense(kernel), boundary: boundary, mask: mask)])
  }
}

extension Engine {
  init(threads: Int) throws {
    self.init(threads: threads, try InstructionSet.chosen(environment: nil))
  }

  init(threads: Int, _ set: InstructionSet, rolling: Tiling.Rolling = .whereFaster) {
    self.init(
      workers: Workers(count: threads), instructionSet: set, cancellation: Cancellation(), rolling: rolling)
  }
}

extension Engine {
  private func leavingOut(nonFinite: Bool) -> Engine {
    var engine = self
    engine.absentNonFinite = nonFinite
    return engine
  }

  func apply<S: ComputeScalar>(_ chain: Chain, to frame: Frame<S>, absentNonFinite: Bool) throws -> Frame<S> {
    try leavingOut(nonFinite: absentNonFinite).apply(chain, to: frame)
  }

  func prepare<S: ComputeScalar>(
    _ chain: Chain, for scalar: S.Type, shape: Shape, absentNonFinite: Bool
  ) throws -> PreparedChain<S> {
    try leavingOut(nonFinite: absentNonFinite).prepare(try chain.wholeFrames(of: Layout(shape: shape)), for: S.self)
  }

  func cost<S: ComputeScalar>(
    of chain: Chain, shape: Shape, scalar: S.Type, absentNonFinite: Bool
  ) -> ChainCost {
    leavingOut(nonFinite: absentNonFinite).cost(of: chain.operations, layout: Layout(shape: shape), scalar: S.self)
  }
}

extension MaskedConvolution {
  init(mask: Mask, outside: Outside, minimumWeight: Double) {
    self.init(mask: .loaded(mask), outside: outside, minimumWeight: minimumWeight)
  }
}

/// A copy, because filtering takes the frame it is given.
func copy<S: ComputeScalar>(_ frame: Frame<S>) throws -> Frame<S> {
  let other = try Frame<S>(shape: frame.shape)
  for index in frame.voxels.indices { other.voxels[index] = frame.voxels[index] }
  return other
}

/// The largest difference; infinite when the NaN and the infinite voxels are not the same.
func distance<S: ComputeScalar>(_ frame: Frame<S>, _ reference: Reference) -> Double {
  zip(frame.voxels, reference.voxels).reduce(0) { worst, pair in
    let (found, expected) = (Double(pair.0), pair.1)
    if found.isNaN && expected.isNaN || found == expected { return worst }
    let difference = abs(found - expected)
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}

func bits<S: ComputeScalar>(_ frame: Frame<S>) -> [UInt8] { Array(frame.bytes) }

/// A result of n taps has seen n roundings of at most half an ulp of Σ|t| · max|x|, and max|x| is 1; a division by the
/// kernel's weight inside can make it as large as Σ|t| / min|t| for the positive weights used here.
func rounding<S: ComputeScalar>(_ scalar: S.Type, _ kernel: DenseKernel) -> Double {
  let sum = kernel.weights.reduce(0) { $0 + abs($1) }
  return Double(S.ulpOfOne) * Double(kernel.weights.count + 4) * max(1, sum)
}

extension PerAxis where Value == Taps? {
  static func along(_ axis: Axis, _ taps: Taps) -> PerAxis {
    var term = PerAxis(all: nil)
    term[axis] = taps
    return term
  }
}
