import CHotLoops
import Kernels
import Volumes

/// The passes along i and j, slice by slice: one frame comes in, and for each group of terms one goes out.
///
/// A slice is cut into strips of lines, so that what the i passes leave for the j passes stays in the second-level cache
/// of one lane and never goes to memory. Strips that touch compute the i passes of some lines twice.
struct PlaneStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let iPasses: [LinePass<S>]
  private let groups: [[Plane]]
  let strips: [Strip]
  /// The pass along i, if it is all there is to do: it needs no lines between.
  private let aloneAlongI: LinePass<S>?
  /// How many passes along i leave their lines to passes along j, and the longest line that one extends.
  private let betweens: Int
  private let longestReach: Int
  /// What a line of constants outside becomes, per group.
  let outsideOfNext: [S]

  /// One term within slices.
  private struct Plane: Sendable {
    /// Which of the passes along i, if any.
    let i: Int?
    let j: LinePass<S>
    /// Where a strip keeps what this pass along j meets.
    let reach: Int
  }

  /// - Parameters:
  ///   - outside: what a boundary without voxels of its own offers.
  ///   - tiling: how many lanes will share out the pieces.
  ///   - height: lines of a strip; as many as the cache holds where none is given.
  init(
    _ passes: SharedPasses, shape: Shape, boundary: Boundary, outside: S, tiling: Tiling, height: Int? = nil
  ) {
    let iPasses = passes.alongI.map { LinePass<S>($0, length: shape.i, boundary: boundary, outside: outside) }
    var reaches: [LineExtension] = []
    let groups = passes.groups.map { group in
      group.planes.map { plane -> Plane in
        let beyond = plane.i.map { iPasses[$0].outsideOfNext } ?? outside
        // A term without a pass along j has one that changes nothing.
        let j = plane.j.map { LinePass<S>($0, length: shape.j, boundary: boundary, outside: beyond) }
        reaches.append(j?.reach ?? LinePass<S>.identity(length: shape.j).reach)
        return Plane(i: plane.i, j: j ?? .identity(length: shape.j, outside: beyond), reach: reaches.count - 1)
      }
    }
    let height = height ?? PlaneSize(passes, shape: shape, scalar: S.self, tiling: tiling).height
    strips = stride(from: 0, to: shape.j, by: height).map { first in
      Strip(lines: first..<min(first + height, shape.j), reaches: reaches)
    }
    outsideOfNext = groups.map { planes in
      planes.dropFirst().reduce(planes[0].j.outsideOfNext) { $0 + $1.j.outsideOfNext }
    }
    aloneAlongI = passes.isAlongIOnly ? iPasses.first : nil
    betweens = passes.isAlongIOnly ? 0 : iPasses.count
    longestReach = iPasses.map(\.reach.count).max() ?? 0
    self.shape = shape
    self.iPasses = iPasses
    self.groups = groups
  }

  /// Frames that it makes.
  var outputs: Int { groups.count }

  /// Strips of all slices: what lanes share out.
  var pieces: Int { strips.count * shape.k }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let strip = strips[piece % strips.count]
    let slice = piece / strips.count
    let start = work.destinations[0].offset(of: slice) + strip.lines.lowerBound * shape.i * MemoryLayout<S>.stride
    filter(strip, of: slice, to: start, work, scratch: scratch)
  }

  /// Filters a strip of one slice.
  ///
  /// - Parameter start: where its lines begin in the destinations, in bytes.
  func filter(_ strip: Strip, of slice: Int, to start: Int, _ work: StageWork, scratch: ScratchBlock) {
    let lineBytes = shape.i * MemoryLayout<S>.stride
    let source = UnsafeRawPointer(work.sources[0][slice])
    var scratch = scratch
    let inputs = scratch.take(strip.inputs.count, of: UnsafeRawPointer.self)
    // What the passes along i make of these lines, one pass behind the other.
    let filtered = scratch.take(betweens * inputs.count * shape.i, of: S.self)
    let extended = scratch.take(longestReach, of: S.self)
    for (place, line) in strip.inputs.enumerated() { inputs[place] = source + line * lineBytes }
    if let only = aloneAlongI {
      return along(
        only, inputs, to: work.destinations[0].base + start, work.adds ? chotloops_add : chotloops_replace, extended,
        work.loops)
    }
    let between = UnsafeMutableRawPointer(filtered.baseAddress)
    for pass in iPasses.indices {
      guard let between else { return }
      along(
        iPasses[pass], inputs, to: between + pass * inputs.count * lineBytes, chotloops_pass_on, extended, work.loops)
    }
    for group in groups.indices {
      let out = work.destinations[group].base + start
      for index in groups[group].indices {
        let plane = groups[group][index]
        let own = plane.i.flatMap { pass in between.map { $0 + pass * inputs.count * lineBytes } }
        let lines = StripLines(sources: inputs, filtered: own, bytes: lineBytes)
        let storing = work.storing(adds: work.adds || index > 0, last: groups[group].count == 1)
        across(plane, strip, lines, to: out, storing, scratch, work.loops)
      }
    }
  }

  /// The i pass of some lines, one behind the other in `out`. `extended` is room for a line with its ends.
  private func along(
    _ pass: LinePass<S>, _ lines: UnsafeMutableBufferPointer<UnsafeRawPointer>, to out: UnsafeMutableRawPointer,
    _ storing: chotloops_storing, _ extended: UnsafeMutableBufferPointer<S>, _ loops: Loops
  ) {
    guard let table = lines.baseAddress, let room = extended.baseAddress else { return }
    withUnsafePointer(to: pass.outside) { outside in
      pass.reach.withForm(outside: outside) { form in
        pass.withTaps { taps in
          loops.call.along(out, shape.i, table, lines.count, shape.i, form, room, taps, storing)
        }
      }
    }
  }

  /// The j pass of a strip.
  private func across(
    _ plane: Plane, _ strip: Strip, _ inputs: StripLines, to out: UnsafeMutableRawPointer,
    _ storing: chotloops_storing, _ scratch: ScratchBlock, _ loops: Loops
  ) {
    var scratch = scratch
    let slots = strip.slots[plane.reach]
    let lines = scratch.take(slots.count, of: UnsafeRawPointer.self)
    let outside = scratch.take(shape.i, of: S.self)
    guard let table = lines.baseAddress, let beyond = outside.baseAddress else { return }
    outside.initialize(repeating: plane.j.outside)
    for line in slots.indices { lines[line] = slots[line] < 0 ? UnsafeRawPointer(beyond) : inputs[slots[line]] }
    plane.j.withTaps { taps in
      loops.call.across(out, shape.i, strip.lines.count, table, shape.i, taps, storing)
    }
  }
}

/// The lines that a j pass meets: those of the source, or what an i pass made of them, one behind the other.
private struct StripLines {
  let sources: UnsafeMutableBufferPointer<UnsafeRawPointer>
  let filtered: UnsafeMutableRawPointer?
  let bytes: Int

  subscript(place: Int) -> UnsafeRawPointer {
    filtered.map { UnsafeRawPointer($0 + place * bytes) } ?? sources[place]
  }
}

/// How a plane stage cuts slices, and the working memory that a lane needs for it.
struct PlaneSize {
  let height: Int
  let scratchBytes: Int

  /// - Parameter height: lines of a strip, where they are decided on elsewhere.
  init<S>(_ passes: SharedPasses, shape: Shape, scalar: S.Type, tiling: Tiling, height given: Int? = nil) {
    let iCounts = passes.isAlongIOnly ? [] : passes.alongI.map(\.count)
    let overlap = min(passes.overlap, max(shape.j, passes.longestAlongJ) - 1)
    // The cache holds the lines that every i pass leaves.
    height =
      given
      ?? Strip.height(
        lines: shape.j, overlap: overlap,
        bytesPerLine: (shape.i * MemoryLayout<S>.stride).multipliedSaturating(by: max(1, iCounts.count)),
        pieces: (4 * tiling.lanes + shape.k - 1) / shape.k)
    let inputs = min(shape.j, height + overlap)
    var size = ScratchSize()
    size.add(inputs, of: UnsafeRawPointer.self)
    size.add(shape.i + (passes.alongI.map(\.count).max() ?? 1) - 1, of: S.self)
    size.add(inputs.multipliedSaturating(by: shape.i).multipliedSaturating(by: iCounts.count), of: S.self)
    size.add(height + passes.longestAlongJ - 1, of: UnsafeRawPointer.self)
    size.add(shape.i, of: S.self)
    scratchBytes = size.bytes
  }
}

extension SharedPasses {
  /// Whether there is one pass along i, and nothing else within slices.
  var isAlongIOnly: Bool {
    groups.count == 1 && groups[0].planes.count == 1 && groups[0].planes[0].i != nil && groups[0].planes[0].j == nil
  }

  /// How many lines beside its own a line needs for all passes along j.
  var overlap: Int {
    let offsets = groups.flatMap { $0.planes.map { ($0.j?.origin ?? 0, ($0.j?.count ?? 1) - 1 - ($0.j?.origin ?? 0)) } }
    let before = offsets.map(\.0).max() ?? 0
    let behind = offsets.map(\.1).max() ?? 0
    return before.addingSaturating(behind)
  }

  /// The most taps of a pass along j; 1 where there is none.
  var longestAlongJ: Int { groups.flatMap { $0.planes.map { $0.j?.count ?? 1 } }.max() ?? 1 }
}
