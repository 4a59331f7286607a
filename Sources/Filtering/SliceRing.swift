import Volumes

/// The extended lines of a strip in the slices that the kernel meets.
struct SliceRing<S: ComputeScalar> {
  /// A line of what is outside.
  let beyond: UnsafeMutableBufferPointer<S>
  private let strip: Strip
  private let size: DenseSize
  private let voxels: UnsafeMutableBufferPointer<S>
  /// Which slice of the source a place of the ring holds; −1 is none.
  private let held: UnsafeMutableBufferPointer<Int>

  init(_ size: DenseSize, _ strip: Strip, from scratch: inout ScratchBlock) {
    self.size = size
    self.strip = strip
    beyond = scratch.take(size.lineLength, of: S.self)
    voxels = scratch.take(size.ringSlices * size.ringLines * size.lineLength, of: S.self)
    held = scratch.take(size.ringSlices, of: Int.self)
    held.initialize(repeating: -1)
  }

  /// Where the lines of the slice at a position of the extended column are kept. Neighbouring positions have places of
  /// their own; in a ring with room for the whole source each slice has its own.
  private func place(at position: Int, slice: Int) -> Int {
    size.holdsAllSlices ? slice : position % size.ringSlices
  }

  private func line(_ input: Int, of place: Int) -> UnsafeMutablePointer<S>? {
    voxels.baseAddress.map { $0 + (place * size.ringLines + input) * size.lineLength }
  }

  /// Calls `extend` for each line of the slice, unless the ring has it already or it is outside.
  func hold(_ slice: Int, at position: Int, extend: (_ room: UnsafeMutablePointer<S>, _ line: Int) -> Void) {
    guard slice >= 0 else { return }
    let place = place(at: position, slice: slice)
    guard held[place] != slice else { return }
    held[place] = slice
    for (input, line) in strip.inputs.enumerated() {
      if let room = self.line(input, of: place) { extend(room, line) }
    }
  }

  /// Writes the pointers of the lines that the j weights meet in one slice.
  func fill(_ table: UnsafeMutablePointer<UnsafeRawPointer>, at position: Int, slice: Int) {
    guard let beyond = beyond.baseAddress else { return }
    let place = slice < 0 ? 0 : place(at: position, slice: slice)
    for (entry, slot) in strip.slots[0].enumerated() {
      let line = slice < 0 || slot < 0 ? nil : line(slot, of: place)
      table[entry] = UnsafeRawPointer(line ?? beyond)
    }
  }
}
