import CHotLoops
import Kernels
import Volumes

/// A kernel that is no sum of few separable terms: every weight meets every voxel.
struct DenseFilter<S: ComputeScalar>: Sendable {
  private let stage: DenseStage<S>

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ kernel: DenseKernel, shape: Shape, boundary: Boundary, outside: S, tiling: Tiling) {
    stage = DenseStage(kernel, shape: shape, boundary: boundary, outside: outside, tiling: tiling)
  }

  /// Filters `source`, whose memory is used again.
  func apply(to source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let result = try runner.spare.takeFrame()
    try runner.run(stage, from: [Slices(source)], to: [Slices(result)], adds: false)
    runner.spare.giveBack(source)
    return result
  }
}

/// The strips of a frame, slice after slice.
///
/// The input lines of a strip, extended along i, are kept in a ring of as many slices as the kernel has. So each slice
/// of the source is read and extended once per strip, and the loop finds its lines in the second-level cache.
private struct DenseStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let kernel: Shape
  private let weights: [S]
  private let reach: PerAxis<LineExtension>
  private let outside: S
  private let size: DenseSize
  private let strips: [Strip]

  init(_ kernel: DenseKernel, shape: Shape, boundary: Boundary, outside: S, tiling: Tiling) {
    let reach = PerAxis<Axis>(.i, .j, .k).map { axis in
      LineExtension(length: shape[axis], taps: kernel.shape[axis], origin: kernel.origin[axis], boundary: boundary)
    }
    let size = DenseSize(shape: shape, kernel: kernel.shape, scalar: S.self, tiling: tiling)
    self.shape = shape
    self.kernel = kernel.shape
    self.outside = outside
    self.reach = reach
    self.size = size
    weights = kernel.weightsByLine.map { S($0) }
    strips = stride(from: 0, to: shape.j, by: size.height).map { first in
      Strip(lines: first..<min(first + size.height, shape.j), reaches: [reach.j])
    }
  }

  /// Strips of some slices: what lanes share out.
  var pieces: Int { strips.count * size.cuts }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let strip = strips[piece % strips.count]
    let firstSlice = piece / strips.count * size.slices
    let slices = firstSlice..<min(firstSlice + size.slices, shape.k)
    withUnsafePointer(to: outside) { outside in
      reach.i.withForm(outside: outside) { form in
        let source = SliceSource(
          loops: work.loops, slices: work.sources[0], lineBytes: shape.i * MemoryLayout<S>.stride, extension: form)
        run(strip, slices, from: source, work, scratch: scratch)
      }
    }
  }

  private func run(
    _ strip: Strip, _ slices: Range<Int>, from source: SliceSource, _ work: StageWork, scratch: ScratchBlock
  ) {
    var scratch = scratch
    let lines = scratch.take(kernel.k * strip.slots[0].count, of: UnsafeRawPointer.self)
    guard let table = lines.baseAddress, let ring = SliceRing(size, strip, outside: outside, from: &scratch) else {
      return
    }
    for k in slices {
      for z in 0..<kernel.k {
        ring.lines(
          at: k + z, slice: reach.k.source(at: k + z), of: source, to: table + z * strip.slots[0].count)
      }
      let out = work.destinations[0][k] + strip.lines.lowerBound * source.lineBytes
      sum(UnsafePointer(table), to: out, height: strip.lines.count, work.loops)
    }
  }

  /// One strip of one slice.
  private func sum(
    _ lines: UnsafePointer<UnsafeRawPointer>, to out: UnsafeMutableRawPointer, height: Int, _ loops: Loops
  ) {
    weights.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      let form = chotloops_kernel(weights: first, i: kernel.i, j: kernel.j, k: kernel.k)
      loops.call.dense(out, shape.i, height, lines, shape.i, form)
    }
  }
}

extension DenseKernel {
  /// The weights as the dense loop wants them: j fastest, then i, then k.
  fileprivate var weightsByLine: [Double] {
    (0..<shape.count).map { place in
      let (j, i, k) = (place % shape.j, place / shape.j % shape.i, place / (shape.i * shape.j))
      return weights[(k * shape.j + j) * shape.i + i]
    }
  }
}

/// How a dense stage cuts frames, and the working memory that a lane needs for it.
struct DenseSize {
  /// Lines of a strip, and slices of a piece.
  let height: Int
  let slices: Int
  /// Pieces above each other.
  let cuts: Int
  /// Voxels from one extended line to the next.
  let lineLength: Int
  let lineBytes: Int
  /// What the ring holds, at most.
  let ringSlices: Int
  let ringLines: Int
  let holdsAllSlices: Bool
  let scratchBytes: Int

  /// The dense loop sums 6 or 4 lines side by side.
  static let block = 12

  init<S>(shape: Shape, kernel: Shape, scalar: S.Type, tiling: Tiling) {
    let bytes = MemoryLayout<S>.stride
    // Lines begin at cache lines, and an odd number of these apart, or they would all compete for the same cache sets.
    let perCacheLine = 64 / bytes
    lineLength = ((shape.i + kernel.i - 1 + perCacheLine - 1) / perCacheLine | 1) * perCacheLine
    ringSlices = min(shape.k, kernel.k)
    holdsAllSlices = kernel.k > shape.k
    lineBytes = lineLength.multipliedSaturating(by: bytes)
    let fitting = Strip.cacheBytes / lineBytes.multipliedSaturating(by: ringSlices) - (kernel.j - 1)
    // Enough pieces that the last ones do not keep a single lane busy for long.
    let pieces = 8 * tiling.lanes
    let stripsPerSlice = (pieces + shape.k - 1) / shape.k
    let wanted = max(1, min(fitting, (shape.j + stripsPerSlice - 1) / stripsPerSlice))
    let strips = (shape.j + wanted - 1) / wanted
    height = min(shape.j, ((shape.j + strips - 1) / strips + DenseSize.block - 1) / DenseSize.block * DenseSize.block)
    // Slices that two pieces above each other both need are extended twice, so a piece has never fewer.
    let perColumn = (pieces + strips - 1) / strips
    slices = min(shape.k, max((shape.k + perColumn - 1) / perColumn, kernel.k))
    cuts = (shape.k + slices - 1) / slices
    ringLines = min(shape.j, height + kernel.j - 1)
    var size = ScratchSize()
    size.add(kernel.k.multipliedSaturating(by: height + kernel.j - 1), of: UnsafeRawPointer.self)
    size.add(lineLength, of: S.self)
    size.add(lineLength.multipliedSaturating(by: ringSlices.multipliedSaturating(by: ringLines)), of: S.self)
    size.add(ringLines, of: UnsafeRawPointer.self)
    size.add(ringSlices, of: Int.self)
    scratchBytes = size.bytes
  }
}
