/// The slices that a pass along k meets at a time, filtered along i and j, in a lane's own memory.
struct SliceWindow {
  /// Where slices are filtered into, by their places.
  let slices: Slices
  /// Which slice of the source each place holds; −1 is none.
  private let held: UnsafeMutableBufferPointer<Int>
  /// The block of output slices that last needed it.
  private let neededBy: UnsafeMutableBufferPointer<Int>

  init?(_ size: RollingSize, from scratch: inout ScratchBlock) {
    let bytes = scratch.take(size.places * size.bytesPerSlice, of: UInt8.self)
    held = scratch.take(size.places, of: Int.self)
    neededBy = scratch.take(size.places, of: Int.self)
    guard let first = bytes.baseAddress else { return nil }
    slices = Slices(base: UnsafeMutableRawPointer(first), bytesPerSlice: size.bytesPerSlice, count: size.places)
    held.initialize(repeating: -1)
    neededBy.initialize(repeating: -1)
  }

  /// Where a slice stands. It will stay there until the next block.
  func place(of slice: Int, for block: Int) -> Int? {
    guard let place = held.firstIndex(of: slice) else { return nil }
    neededBy[place] = block
    return place
  }

  /// A place for another slice, whose former one this block does not need. There is one as long as a block needs no more
  /// slices than there are places, and says so of all that are there before it asks for room.
  func makeRoom(for slice: Int, block: Int) -> Int? {
    guard let place = neededBy.firstIndex(where: { $0 != block }) else { return nil }
    held[place] = slice
    neededBy[place] = block
    return place
  }
}
