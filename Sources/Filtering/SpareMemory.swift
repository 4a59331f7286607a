import Synchronization
import Volumes

/// Frames and lane scratch that are used again and again while a chain filters frame after frame, so that the memory is
/// mapped and zeroed once.
package final class SpareMemory<S: ComputeScalar>: Sendable {
  private let shape: Shape
  private let lanes: Int
  private let bytesPerLane: Int
  private let frames = Mutex<[Frame<S>]>([])
  private let betweens = Mutex<[SpacedSlices]>([])
  private let scratches = Mutex<[LaneScratch]>([])

  /// - Parameter bytesPerLane: what the most demanding stage needs.
  init(shape: Shape, lanes: Int, bytesPerLane: Int) {
    self.shape = shape
    self.lanes = lanes
    self.bytesPerLane = bytesPerLane
  }

  /// A frame with any content.
  package func takeFrame() throws(EngineFailure) -> Frame<S> {
    if let frame = frames.withLock({ $0.popLast() }) { return frame }
    do { return try Frame(shape: shape) } catch { throw .outOfMemory(bytes: error.bytes) }
  }

  package func giveBack(_ frame: Frame<S>) { frames.withLock { $0.append(frame) } }

  /// As large as a frame, with any content.
  func takeSlices() throws(EngineFailure) -> SpacedSlices {
    if let slices = betweens.withLock({ $0.popLast() }) { return slices }
    do { return try SpacedSlices(shape: shape, scalar: S.self) } catch { throw .outOfMemory(bytes: error.bytes) }
  }

  func giveBack(_ slices: SpacedSlices) { betweens.withLock { $0.append(slices) } }

  /// Runs `body` with working memory for all lanes.
  package func withScratch(_ body: (LaneScratch) throws(EngineFailure) -> Void) throws(EngineFailure) {
    let scratch = try takeScratch()
    defer { scratches.withLock { $0.append(scratch) } }
    try body(scratch)
  }

  private func takeScratch() throws(EngineFailure) -> LaneScratch {
    if let scratch = scratches.withLock({ $0.popLast() }) { return scratch }
    do { return try LaneScratch(bytesPerLane: bytesPerLane, lanes: lanes) } catch {
      throw .outOfMemory(bytes: error.bytes)
    }
  }
}
