import Volumes

/// Where the slices of a volume stand in memory, lines and voxels without gaps.
struct Slices: @unchecked Sendable {
  // @unchecked Sendable because lanes only read sources, and each writes its own lines of destinations.
  let base: UnsafeMutableRawPointer
  let bytesPerSlice: Int
  let count: Int

  /// Where a slice begins.
  subscript(slice: Int) -> UnsafeMutableRawPointer { base + offset(of: slice) }

  /// Where a slice begins, in bytes behind the first.
  func offset(of slice: Int) -> Int { slice * bytesPerSlice }

  var bytes: Int { bytesPerSlice * count }
}

extension Slices {
  init<S>(_ frame: Frame<S>) {
    self.init(
      base: UnsafeMutableRawPointer(frame.base), bytesPerSlice: frame.shape.slice * MemoryLayout<S>.stride,
      count: frame.shape.k)
  }
}

/// Room for what passes within slices leave for the passes along k.
final class SpacedSlices: Sendable {
  let slices: Slices
  private let memory: MappedMemory

  init<S>(shape: Shape, scalar: S.Type) throws(OutOfMemory) {
    memory = try MappedMemory(count: SpacedSlices.bytes(shape: shape, scalar: S.self))
    guard let base = memory.bytes.baseAddress else { throw OutOfMemory(bytes: memory.bytes.count) }
    slices = Slices(
      base: base, bytesPerSlice: SpacedSlices.bytesPerSlice(shape: shape, scalar: S.self), count: shape.k)
  }

  /// What it takes of memory; saturates.
  static func bytes<S>(shape: Shape, scalar: S.Type) -> Int {
    bytesPerSlice(shape: shape, scalar: S.self).multipliedSaturating(by: shape.k)
  }

  /// Between slices that would all compete for the same sets of a cache: a few bits of an address decide where a cache
  /// line can be, and slices of a power of two of bytes have these bits in common.
  static let gap = 4096 + 64

  private static func bytesPerSlice<S>(shape: Shape, scalar: S.Type) -> Int {
    let bytes = shape.slice.multipliedSaturating(by: MemoryLayout<S>.stride)
    return bytes % (32 * 1024) == 0 ? bytes.addingSaturating(gap) : bytes
  }
}
