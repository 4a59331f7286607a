import CHotLoops

/// The extended lines of a strip in the slices that a kernel meets, in a lane's own memory.
///
/// It knows bytes, not scalars, and hands whole slices to C: code that depends on the scalar costs too much per line.
struct SliceRing {
  private let strip: Strip
  private let size: DenseSize
  private let voxels: UnsafeMutableRawPointer
  /// A line of what is outside.
  private let beyond: UnsafeRawPointer
  /// Which slice of the source a place of the ring holds; −1 is none.
  private let held: UnsafeMutableBufferPointer<Int>
  /// The lines of one slice of the source.
  private let inputs: UnsafeMutablePointer<UnsafeRawPointer>

  init?<S>(_ size: DenseSize, _ strip: Strip, outside: S, from scratch: inout ScratchBlock) {
    let line = scratch.take(size.lineLength, of: S.self)
    let voxels = scratch.take(size.ringSlices * size.ringLines * size.lineLength, of: S.self)
    let inputs = scratch.take(size.ringLines, of: UnsafeRawPointer.self)
    held = scratch.take(size.ringSlices, of: Int.self)
    guard let beyond = line.baseAddress, let first = voxels.baseAddress, let table = inputs.baseAddress else {
      return nil
    }
    self.size = size
    self.strip = strip
    self.voxels = UnsafeMutableRawPointer(first)
    self.beyond = UnsafeRawPointer(beyond)
    self.inputs = table
    line.initialize(repeating: outside)
    held.initialize(repeating: -1)
  }

  /// Writes the pointers of the lines that the j weights meet in one slice of the kernel, and extends the lines first
  /// unless the ring has them.
  ///
  /// - Parameters:
  ///   - position: of the slice in the extended column; neighbouring ones have places of their own in the ring.
  ///   - slice: of the source; −1 is outside.
  func lines(
    at position: Int, slice: Int, of source: SliceSource, to table: UnsafeMutablePointer<UnsafeRawPointer>
  ) {
    guard slice >= 0 else {
      return UnsafeMutableBufferPointer(start: table, count: strip.slots[0].count).update(repeating: beyond)
    }
    // In a ring with room for the whole source each slice has its own place.
    let place = size.holdsAllSlices ? slice : position % size.ringSlices
    let start = voxels + place * size.ringLines * size.lineBytes
    if held[place] != slice {
      held[place] = slice
      for (entry, line) in strip.inputs.enumerated() { inputs[entry] = source.line(line, of: slice) }
      source.loops.call.extend(start, size.lineLength, inputs, strip.inputs.count, source.extension)
    }
    for (entry, slot) in strip.slots[0].enumerated() {
      table[entry] = slot < 0 ? beyond : UnsafeRawPointer(start + slot * size.lineBytes)
    }
  }
}

/// A frame whose lines a ring extends.
struct SliceSource {
  let loops: Loops
  let slices: Slices
  let lineBytes: Int
  /// Valid as long as the source is used.
  let `extension`: UnsafePointer<chotloops_extension>

  func line(_ line: Int, of slice: Int) -> UnsafeRawPointer { UnsafeRawPointer(slices[slice] + line * lineBytes) }
}
