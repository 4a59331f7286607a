import CHotLoops
import Volumes

/// The passes along i and j, slice by slice.
///
/// A slice is cut into strips of lines, so that what the i pass leaves for the j pass stays in the second-level cache
/// of one lane and never goes to memory. Strips that touch compute the i pass of some lines twice.
struct PlaneStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let iPass: LinePass<S>?
  private let jPass: LinePass<S>?
  private let strips: [Strip]

  /// - Parameter lanes: how many lanes will share out the pieces.
  init(shape: Shape, i: LinePass<S>?, j: LinePass<S>?, lanes: Int) {
    self.shape = shape
    // A term without any pass is the identity, which is a pass of one tap.
    iPass = i == nil && j == nil ? LinePass.identity(length: shape.i) : i
    jPass = j
    let size = PlaneSize(shape: shape, i: iPass?.weights.count, j: j?.weights.count, scalar: S.self, lanes: lanes)
    strips = stride(from: 0, to: shape.j, by: size.height).map { first in
      Strip(lines: first..<min(first + size.height, shape.j), reach: j?.reach)
    }
  }

  /// Strips of all slices: what lanes share out.
  var pieces: Int { strips.count * shape.k }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let strip = strips[piece % strips.count]
    let firstLine = piece / strips.count * shape.j
    let lineBytes = shape.i * MemoryLayout<S>.stride
    let out = work.destination + (firstLine + strip.lines.lowerBound) * lineBytes
    var scratch = scratch
    let inputs = scratch.take(strip.inputs.count, of: UnsafeRawPointer.self)
    for (place, line) in strip.inputs.enumerated() { inputs[place] = work.source + (firstLine + line) * lineBytes }
    guard let jPass else { return along(inputs, to: out, adds: work.adds, scratch: &scratch, loops: work.loops) }
    if iPass != nil {
      let between = UnsafeMutableRawBufferPointer(scratch.take(inputs.count * shape.i, of: S.self))
      guard let start = between.baseAddress else { return }
      along(inputs, to: start, adds: false, scratch: &scratch, loops: work.loops)
      for place in inputs.indices { inputs[place] = UnsafeRawPointer(start + place * lineBytes) }
    }
    across(jPass, strip, inputs, to: out, scratch: &scratch, work)
  }

  /// The i pass of some lines, one behind the other in `out`.
  private func along(
    _ lines: UnsafeMutableBufferPointer<UnsafeRawPointer>, to out: UnsafeMutableRawPointer, adds: Bool,
    scratch: inout ScratchBlock, loops: Loops
  ) {
    guard let iPass else { return }
    let extended = scratch.take(iPass.reach.count, of: S.self)
    guard let table = lines.baseAddress, let room = extended.baseAddress else { return }
    withUnsafePointer(to: iPass.outside) { outside in
      iPass.reach.withForm(outside: outside) { form in
        iPass.withTaps { taps in
          loops.call.along(out, shape.i, table, lines.count, shape.i, form, room, taps, adds ? 1 : 0)
        }
      }
    }
  }

  /// The j pass of a strip.
  private func across(
    _ pass: LinePass<S>, _ strip: Strip, _ inputs: UnsafeMutableBufferPointer<UnsafeRawPointer>,
    to out: UnsafeMutableRawPointer, scratch: inout ScratchBlock, _ work: StageWork
  ) {
    let lines = scratch.take(strip.slots.count, of: UnsafeRawPointer.self)
    let outside = scratch.take(shape.i, of: S.self)
    guard let table = lines.baseAddress, let beyond = outside.baseAddress else { return }
    if strip.slots.contains(-1) { outside.initialize(repeating: pass.outside) }
    for (line, slot) in strip.slots.enumerated() { lines[line] = slot < 0 ? UnsafeRawPointer(beyond) : inputs[slot] }
    pass.withTaps { taps in
      work.loops.call.across(out, shape.i, strip.lines.count, table, shape.i, taps, work.adds ? 1 : 0)
    }
  }
}

/// How a plane stage cuts slices, and the working memory that a lane needs for it.
struct PlaneSize {
  let height: Int
  let scratchBytes: Int

  /// - Parameters:
  ///   - i, j: taps, if there is such a pass.
  init<S>(shape: Shape, i: Int?, j: Int?, scalar: S.Type, lanes: Int) {
    let overlap = (j ?? 1) - 1
    height = Strip.height(
      lines: shape.j, overlap: overlap, bytesPerLine: shape.i * MemoryLayout<S>.stride,
      pieces: (4 * lanes + shape.k - 1) / shape.k)
    let inputs = min(shape.j, height + overlap)
    var size = ScratchSize()
    size.add(inputs, of: UnsafeRawPointer.self)
    if i != nil, j != nil { size.add(inputs * shape.i, of: S.self) }
    if let i { size.add(shape.i + i - 1, of: S.self) }
    if j != nil {
      size.add(height + overlap, of: UnsafeRawPointer.self)
      size.add(shape.i, of: S.self)
    }
    scratchBytes = size.bytes
  }
}
