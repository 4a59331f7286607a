import Volumes

/// Working memory of the lanes, a block for each, so that none waits for or disturbs another.
package struct LaneScratch: Sendable {
  private let memory: MappedMemory
  private let bytesPerLane: Int

  /// - Parameter bytesPerLane: whole pages (`ScratchSize.bytes`), so that lanes never share one.
  init(bytesPerLane: Int, lanes: Int) throws(OutOfMemory) {
    self.bytesPerLane = bytesPerLane
    memory = try MappedMemory(count: bytesPerLane * lanes)
  }

  /// The block of one lane.
  package func block(of lane: Int) -> ScratchBlock {
    ScratchBlock(memory.bytes[lane * bytesPerLane..<(lane + 1) * bytesPerLane])
  }
}

/// What is left of a lane's working memory; parts are taken from its front.
package struct ScratchBlock {
  private var rest: Slice<UnsafeMutableRawBufferPointer>

  init(_ block: Slice<UnsafeMutableRawBufferPointer>) { rest = block }

  /// Takes room for `count` values. Their content is whatever the last user left there.
  package mutating func take<T>(_ count: Int, of type: T.Type) -> UnsafeMutableBufferPointer<T> {
    let bytes = count * MemoryLayout<T>.stride
    defer { rest = rest.dropFirst(ScratchSize.lines(bytes)) }
    return UnsafeMutableRawBufferPointer(rebasing: rest.prefix(bytes)).bindMemory(to: type)
  }
}

/// Adds up how much working memory a lane needs, in the parts in which it will be taken.
package struct ScratchSize {
  private var parts = 0

  package init() {}

  /// Saturates: a header may claim lines that no memory holds, and the plan has to say so.
  package mutating func add<T>(_ count: Int, of type: T.Type) {
    let bytes = count.multipliedSaturating(by: MemoryLayout<T>.stride)
    parts = parts.addingSaturating(ScratchSize.lines(min(bytes, .max / 2)))
  }

  /// Whole pages.
  package var bytes: Int { (max(min(parts, .max / 2), 1) + 4095) / 4096 * 4096 }

  /// Each part starts at a cache line.
  package static func lines(_ bytes: Int) -> Int { (bytes + 63) / 64 * 64 }
}
