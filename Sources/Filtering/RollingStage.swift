import CHotLoops
import Kernels
import Volumes

/// The passes along i, j and k of one group of terms, in one go.
///
/// A piece is a strip of lines in some slices. The slices that the pass along k meets are kept in a window that rolls
/// through them, so that a frame is read once and written once, and nothing lies between.
struct RollingStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let inSlices: PlaneStage<S>
  private let k: LinePass<S>
  private let size: RollingSize

  /// - Parameter outside: what a boundary without voxels of its own offers.
  init(_ group: RollingGroup, _ size: RollingSize, shape: Shape, boundary: Boundary, outside: S, tiling: Tiling) {
    inSlices = PlaneStage(
      group.inSlices, shape: shape, boundary: boundary, outside: outside, tiling: tiling, height: size.height)
    k = LinePass(group.k, length: shape.k, boundary: boundary, outside: inSlices.outsideOfNext[0])
    self.shape = shape
    self.size = size
  }

  /// Strips of some slices: what lanes share out.
  var pieces: Int { inSlices.strips.count * size.cuts }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let strip = inSlices.strips[piece % inSlices.strips.count]
    let first = piece / inSlices.strips.count * size.slices
    var scratch = scratch
    let lines = scratch.take(size.places, of: UnsafeRawPointer.self)
    let outside = scratch.take(size.height * shape.i, of: S.self)
    guard let window = SliceWindow(size, from: &scratch), let table = lines.baseAddress,
      let beyond = outside.baseAddress
    else { return }
    outside.initialize(repeating: k.outside)
    let roll = Roll(
      strip: strip, window: window, lines: table, beyond: UnsafeRawPointer(beyond), scratch: scratch, work: work,
      inSlices: work.writing(to: window.slices))
    for slice in stride(from: first, to: min(first + size.slices, shape.k), by: Strip.block) {
      filter(slice..<min(slice + Strip.block, first + size.slices, shape.k), roll)
    }
  }

  /// What one piece works with.
  private struct Roll {
    let strip: Strip
    let window: SliceWindow
    let lines: UnsafeMutablePointer<UnsafeRawPointer>
    let beyond: UnsafeRawPointer
    let scratch: ScratchBlock
    let work: StageWork
    let inSlices: StageWork
  }

  /// A block of output slices, summed side by side.
  private func filter(_ slices: Range<Int>, _ roll: Roll) {
    let met = slices.lowerBound..<slices.upperBound + k.weights.count - 1
    for position in met { _ = roll.window.place(of: k.reach.source(at: position), for: slices.lowerBound) }
    for position in met {
      roll.lines[position - met.lowerBound] = line(of: k.reach.source(at: position), slices.lowerBound, roll)
    }
    let out = roll.work.destinations[0]
    let column = roll.strip.lines.lowerBound * shape.i * MemoryLayout<S>.stride
    k.withTaps { taps in
      roll.work.loops.call.across(
        out[slices.lowerBound] + column, out.bytesPerSlice / MemoryLayout<S>.stride, slices.count, roll.lines,
        roll.strip.lines.count * shape.i, taps, roll.work.storing(adds: roll.work.adds, last: true))
    }
  }

  /// The strip of one slice, filtered along i and j unless the window has it; −1 is outside.
  private func line(of slice: Int, _ block: Int, _ roll: Roll) -> UnsafeRawPointer {
    if slice < 0 { return roll.beyond }
    if let place = roll.window.place(of: slice, for: block) {
      return UnsafeRawPointer(roll.window.slices[place])
    }
    guard let place = roll.window.makeRoom(for: slice, block: block) else { return roll.beyond }
    let slices = roll.window.slices
    inSlices.filter(roll.strip, of: slice, to: slices.offset(of: place), roll.inSlices, scratch: roll.scratch)
    return UnsafeRawPointer(slices[place])
  }
}

/// What a rolling stage does: passes within slices for one frame, and a pass along k.
struct RollingGroup {
  let inSlices: SharedPasses
  let k: Taps
}

extension PassBatch {
  /// The batch, if it is one that can roll: a single group with passes within slices.
  var rolling: RollingGroup? {
    guard groups.count == 1, let inSlices, let k = groups[0].k else { return nil }
    return RollingGroup(inSlices: inSlices, k: k)
  }
}
