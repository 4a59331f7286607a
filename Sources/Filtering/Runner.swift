import CHotLoops
import Parallel
import Volumes

/// What an operation needs while it runs: lanes, loops, and memory that is used again.
package struct Runner<S: ComputeScalar>: Sendable {
  package let engine: Engine
  package let loops: Loops
  package let spare: SpareMemory<S>

  /// - Parameter bytesPerLane: working memory for the most demanding stage.
  package init(engine: Engine, shape: Shape, bytesPerLane: Int) {
    self.engine = engine
    loops = engine.instructionSet.loops(for: S.self)
    spare = SpareMemory(shape: shape, lanes: engine.workers.count, bytesPerLane: bytesPerLane)
  }

  /// Runs a stage from some frames to others.
  func run(
    _ stage: some Stage, from sources: [Slices], to destinations: [Slices], adds: Bool
  ) throws(EngineFailure) {
    let work = StageWork(
      loops: loops, sources: sources, destinations: destinations, adds: adds,
      streams: destinations.contains { $0.bytes >= StageWork.streamedBytes }, passesOn: false)
    try spare.withScratch { scratch throws(EngineFailure) in
      try engine.forEachPiece(of: stage.pieces) { lane, piece in
        stage.run(piece: piece, of: work, scratch: scratch.block(of: lane))
      }
    }
  }

  /// Runs `body` on all voxels of a frame, some ten thousand neighbours at a time.
  package func forEachRun(of shape: Shape, _ body: @Sendable (Range<Int>) -> Void) throws(EngineFailure) {
    let length = 32 * 1024
    try engine.forEachPiece(of: (shape.count + length - 1) / length) { _, piece in
      body(piece * length..<min((piece + 1) * length, shape.count))
    }
  }
}
