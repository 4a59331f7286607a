import CHotLoops
import Volumes

/// The passes along i and j, slice by slice.
///
/// A slice is cut into strips of lines, so that what the i pass leaves for the j pass stays in the second-level cache of
/// one lane and never goes to memory. Strips that touch compute the i pass of some lines twice.
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
    strips = Strip.cut(
      lines: shape.j, reach: j?.reach, bytesPerLine: shape.i * MemoryLayout<S>.stride,
      pieces: (4 * lanes + shape.k - 1) / shape.k)
  }

  /// Strips of all slices: what lanes share out.
  var pieces: Int { strips.count * shape.k }

  var scratchBytes: Int {
    var size = ScratchSize()
    let inputs = strips.map(\.inputs.count).max() ?? 0
    size.add(inputs, of: UnsafeRawPointer.self)
    size.add(iPass?.reach.sources.count ?? 0, of: S.self)
    size.add(inputs * shape.i, of: S.self)
    size.add(strips.map(\.slots.count).max() ?? 0, of: UnsafeRawPointer.self)
    size.add(shape.i, of: S.self)
    return size.bytes
  }

  /// Filters one piece.
  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let strip = strips[piece % strips.count]
    let slice = piece / strips.count
    let lineBytes = shape.i * MemoryLayout<S>.stride
    let first = work.source + slice * shape.j * lineBytes
    let out = work.destination + (slice * shape.j + strip.lines.lowerBound) * lineBytes
    var scratch = scratch
    let inputs = scratch.take(strip.inputs.count, of: UnsafeRawPointer.self)
    for (place, line) in strip.inputs.enumerated() { inputs[place] = first + line * lineBytes }
    if let iPass {
      let extended = scratch.take(iPass.reach.sources.count, of: S.self)
      guard jPass != nil else {
        return along(iPass, inputs, out: out, add: work.adds, extended: extended, work)
      }
      let between = UnsafeMutableRawBufferPointer(scratch.take(inputs.count * shape.i, of: S.self))
      guard let start = between.baseAddress else { return }
      along(iPass, inputs, out: start, add: false, extended: extended, work)
      for place in inputs.indices { inputs[place] = UnsafeRawPointer(start + place * lineBytes) }
    }
    if let jPass { across(jPass, strip, inputs, out: out, scratch: &scratch, work) }
  }

  private func along(
    _ pass: LinePass<S>, _ lines: UnsafeMutableBufferPointer<UnsafeRawPointer>, out: UnsafeMutableRawPointer, add: Bool,
    extended: UnsafeMutableBufferPointer<S>, _ work: StageWork
  ) {
    guard let table = lines.baseAddress, let room = extended.baseAddress else { return }
    withUnsafePointer(to: pass.outside) { outside in
      pass.reach.withForm(outside: outside) { form in
        pass.withTaps { taps in
          work.loops.call.along(out, shape.i, table, lines.count, shape.i, form, room, taps, add ? 1 : 0)
        }
      }
    }
  }

  private func across(
    _ pass: LinePass<S>, _ strip: Strip, _ inputs: UnsafeMutableBufferPointer<UnsafeRawPointer>,
    out: UnsafeMutableRawPointer, scratch: inout ScratchBlock, _ work: StageWork
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
