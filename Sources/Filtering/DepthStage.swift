import CHotLoops
import Volumes

/// The passes along k, of one frame per group of terms, summed: whole columns of neighbouring lines.
///
/// A piece is a few lines of a slice, in all slices, so that the slices that the taps meet again and again stay in the
/// second-level cache.
struct DepthStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let passes: [LinePass<S>]
  private let size: DepthSize

  init(shape: Shape, k: [LinePass<S>], tiling: Tiling) {
    self.shape = shape
    passes = k
    size = DepthSize(shape: shape, taps: k.map(\.weights.count).max() ?? 1, scalar: S.self, tiling: tiling)
  }

  var pieces: Int { size.columns * size.cuts }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let firstLine = piece % size.columns * size.lines
    let voxels = min(size.lines, shape.j - firstLine) * shape.i
    let firstSlice = piece / size.columns * size.slices
    let slices = firstSlice..<min(firstSlice + size.slices, shape.k)
    let column = firstLine * shape.i * MemoryLayout<S>.stride
    // What the passes before have left in the column is still in the cache when the next one adds to it.
    for (index, pass) in passes.enumerated() {
      let storing = work.storing(adds: work.adds || index > 0, last: passes.count == 1)
      across(pass, slices, voxels, at: column, from: work.sources[index], work, storing, scratch: scratch)
    }
  }

  private func across(
    _ pass: LinePass<S>, _ slices: Range<Int>, _ voxels: Int, at column: Int, from source: Slices, _ work: StageWork,
    _ storing: chotloops_storing, scratch: ScratchBlock
  ) {
    var scratch = scratch
    let lines = scratch.take(slices.count + pass.weights.count - 1, of: UnsafeRawPointer.self)
    let outside = scratch.take(voxels, of: S.self)
    guard let table = lines.baseAddress, let beyond = outside.baseAddress else { return }
    outside.initialize(repeating: pass.outside)
    for line in lines.indices {
      let slice = pass.reach.source(at: slices.lowerBound + line)
      lines[line] = UnsafeRawPointer(slice < 0 ? UnsafeMutableRawPointer(beyond) : source[slice] + column)
    }
    let out = work.destinations[0]
    pass.withTaps { taps in
      work.loops.call.across(
        out[slices.lowerBound] + column, out.bytesPerSlice / MemoryLayout<S>.stride, slices.count, table, voxels, taps,
        storing)
    }
  }
}

/// How a depth stage cuts frames, and the working memory that a lane needs for it.
struct DepthSize {
  /// Lines and slices of a piece.
  let lines: Int
  let slices: Int
  /// Pieces beside each other, and above each other.
  let columns: Int
  let cuts: Int
  let scratchBytes: Int

  /// What one slice contributes to a piece.
  static let bytesPerSlice = 8 * 1024

  init<S>(shape: Shape, taps: Int, scalar: S.Type, tiling: Tiling) {
    lines = min(shape.j, max(1, DepthSize.bytesPerSlice / (shape.i * MemoryLayout<S>.stride)))
    columns = (shape.j + lines - 1) / lines
    // Frames with small slices have few columns; then these are cut, too, at the cost of reading some slices again.
    let wanted = (4 * tiling.lanes + columns - 1) / columns
    let slices = max((shape.k + wanted - 1) / wanted, taps - 1)
    self.slices = min(shape.k, (slices + Strip.block - 1) / Strip.block * Strip.block)
    cuts = (shape.k + self.slices - 1) / self.slices
    var size = ScratchSize()
    size.add(self.slices + taps - 1, of: UnsafeRawPointer.self)
    size.add(lines * shape.i, of: S.self)
    scratchBytes = size.bytes
  }
}
