import CHotLoops
import Volumes

/// The pass along k: whole columns of neighbouring lines.
///
/// A piece is a few lines of a slice, in all slices, so that the slices that the taps meet again and again stay in the
/// second-level cache.
struct DepthStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let pass: LinePass<S>
  private let linesPerPiece: Int
  private let slicesPerPiece: Int

  /// What one slice contributes to a piece.
  static var pieceBytes: Int { 8 * 1024 }

  init(shape: Shape, k: LinePass<S>, lanes: Int) {
    self.shape = shape
    pass = k
    linesPerPiece = min(shape.j, max(1, DepthStage.pieceBytes / (shape.i * MemoryLayout<S>.stride)))
    // Flat frames have few columns; then a column is cut as well, at the cost of reading some slices again.
    let columns = (shape.j + linesPerPiece - 1) / linesPerPiece
    let cuts = (4 * lanes + columns - 1) / columns
    let slices = max((shape.k + cuts - 1) / cuts, k.weights.count - 1)
    slicesPerPiece = min(shape.k, (slices + Strip.block - 1) / Strip.block * Strip.block)
  }

  private var columns: Int { (shape.j + linesPerPiece - 1) / linesPerPiece }
  private var cuts: Int { (shape.k + slicesPerPiece - 1) / slicesPerPiece }

  var pieces: Int { columns * cuts }

  var scratchBytes: Int {
    var size = ScratchSize()
    size.add(slicesPerPiece + pass.weights.count - 1, of: UnsafeRawPointer.self)
    size.add(linesPerPiece * shape.i, of: S.self)
    return size.bytes
  }

  /// Filters one piece.
  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let firstLine = piece % columns * linesPerPiece
    let voxels = (min(firstLine + linesPerPiece, shape.j) - firstLine) * shape.i
    let firstSlice = piece / columns * slicesPerPiece
    let slices = min(slicesPerPiece, shape.k - firstSlice)
    let size = MemoryLayout<S>.stride
    var scratch = scratch
    let lines = scratch.take(slices + pass.weights.count - 1, of: UnsafeRawPointer.self)
    let outside = scratch.take(voxels, of: S.self)
    guard let table = lines.baseAddress, let beyond = outside.baseAddress else { return }
    outside.initialize(repeating: pass.outside)
    let start = work.source + firstLine * shape.i * size
    for line in lines.indices {
      let slice = pass.reach.sources[firstSlice + line]
      lines[line] = slice < 0 ? UnsafeRawPointer(beyond) : start + slice * shape.slice * size
    }
    let out = work.destination + (firstSlice * shape.slice + firstLine * shape.i) * size
    pass.withTaps { taps in
      work.loops.call.across(out, shape.slice, slices, table, voxels, taps, work.adds ? 1 : 0)
    }
  }
}
