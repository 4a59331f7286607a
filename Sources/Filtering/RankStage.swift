import CHotLoops
import Kernels
import Volumes

/// The strips of a frame, slice after slice, with the input lines of a strip in a ring, as for a dense kernel.
struct RankStage<S: ComputeScalar>: Stage {
  private let shape: Shape
  private let plan: RankPlan
  private let size: RankSize
  private let reach: PerAxis<LineExtension>
  private let outside: S
  private let mayBeAbsent: Bool
  private let strips: [Strip]

  /// - Parameters:
  ///   - outside: what a boundary without voxels of its own offers; may be a mark.
  ///   - mayBeAbsent: voxels may be marked as absent.
  init(
    _ plan: RankPlan, _ size: RankSize, shape: Shape, boundary: Boundary, outside: S, mayBeAbsent: Bool
  ) {
    let (box, origin) = (plan.neighbourhood.shape, plan.neighbourhood.origin)
    let reach = PerAxis<Axis>(.i, .j, .k).map { axis in
      LineExtension(length: shape[axis], taps: box[axis], origin: origin[axis], boundary: boundary)
    }
    self.shape = shape
    self.plan = plan
    self.size = size
    self.reach = reach
    self.outside = outside
    self.mayBeAbsent = mayBeAbsent
    let height = size.ring.height
    strips = stride(from: 0, to: shape.j, by: height).map { first in
      Strip(lines: first..<min(first + height, shape.j), reaches: [reach.j])
    }
  }

  /// Strips of some slices: what lanes share out.
  var pieces: Int { strips.count * size.ring.cuts }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let strip = strips[piece % strips.count]
    let first = piece / strips.count * size.ring.slices
    let slices = first..<min(first + size.ring.slices, shape.k)
    withUnsafePointer(to: outside) { outside in
      reach.i.withForm(outside: outside) { form in
        let source = SliceSource(
          loops: work.loops, slices: work.sources[0], lineBytes: shape.i * MemoryLayout<S>.stride, extension: form)
        withRank { rank in
          run(strip, slices, from: source, to: work.destinations[0], rank, scratch: scratch)
        }
      }
    }
  }

  private func run(
    _ strip: Strip, _ slices: Range<Int>, from source: SliceSource, to destination: Slices,
    _ rank: UnsafePointer<chotloops_rank>, scratch: ScratchBlock
  ) {
    var scratch = scratch
    let depth = plan.neighbourhood.shape.k
    let slots = strip.slots[0].count
    let lines = scratch.take(depth * slots, of: UnsafeRawPointer.self)
    guard let table = lines.baseAddress, var form = memory(from: &scratch),
      let ring = SliceRing(size.ring, strip, outside: outside, from: &scratch)
    else { return }
    for k in slices {
      for z in 0..<depth {
        ring.lines(at: k + z, slice: reach.k.source(at: k + z), of: source, to: table + z * slots)
      }
      let out = destination[k] + strip.lines.lowerBound * source.lineBytes
      source.loops.ranks.select(out, shape.i, strip.lines.count, table, shape.i, rank, &form)
    }
  }

  /// The lane's registers and keys.
  private func memory(from scratch: inout ScratchBlock) -> chotloops_rank_scratch? {
    let places = scratch.take(max(size.places, 1), of: UnsafeRawPointer.self)
    let registers = scratch.take(max(size.registers * size.registerLength, 1), of: S.self)
    let keys = scratch.take(size.keys * RankSize.roomBytes, of: UInt8.self)
    guard let first = registers.baseAddress, let table = places.baseAddress, let keys = keys.baseAddress else {
      return nil
    }
    for register in 0..<size.registers {
      table[size.places - size.registers + register] = UnsafeRawPointer(first + register * size.registerLength)
    }
    return chotloops_rank_scratch(places: table, keys: keys, segment: size.segment)
  }

  /// The plan as C wants it; valid while `body` runs.
  private func withRank(_ body: (UnsafePointer<chotloops_rank>) -> Void) {
    let (box, origin) = (plan.neighbourhood.shape, plan.neighbourhood.origin)
    // An array without elements has no address for C.
    let exchanges = plan.network?.exchanges ?? []
    let selected = plan.network?.selected ?? [chotloops_selected()]
    withAddress(of: exchanges + [chotloops_exchange()]) { exchangeList in
      withAddress(of: selected) { selectedList in
        withAddress(of: plan.offsets) { offsets in
          withAddress(of: plan.ranks) { ranks in
            var form = chotloops_rank(
              exchanges: exchangeList, exchange_count: exchanges.count, selected: selectedList,
              outputs: plan.network?.outputs ?? 1, i: box.i, j: box.j, k: box.k, offsets: offsets,
              offset_count: plan.offsets.count,
              centre: chotloops_offset(slice: Int32(origin.k), line: Int32(origin.j), shift: Int32(origin.i)),
              ranks: ranks, may_be_absent: mayBeAbsent ? 1 : 0, searches: plan.network == nil ? 1 : 0)
            body(&form)
          }
        }
      }
    }
  }

  private func withAddress<T>(of array: [T], _ body: (UnsafePointer<T>) -> Void) {
    array.withUnsafeBufferPointer { buffer in
      if let first = buffer.baseAddress { body(first) }
    }
  }
}
