import CHotLoops
import Parallel
import Volumes

/// Passes that lanes run together, piece by piece. Pieces can run in any order and at the same time.
protocol Stage: Sendable {
  var pieces: Int { get }
  func run(piece: Int, of work: StageWork, scratch: ScratchBlock)
}

/// From where to where a stage filters, and with which loops. The frames are different ones.
struct StageWork: Sendable {
  let loops: Loops
  let sources: [Slices]
  /// Of one spacing.
  let destinations: [Slices]
  /// Results are added to what stands in the destinations: further terms of a sum.
  let adds: Bool
  /// The destinations are too large to be found in a cache by whoever reads them next.
  let streams: Bool
  /// The results are met by another pass, and by nothing else.
  let passesOn: Bool

  /// From this size on: measured, in `Decisions/Passes.md`.
  static let streamedBytes = 16 * 1024 * 1024

  /// The same from the same frames to a lane's own memory.
  func writing(to memory: Slices) -> StageWork {
    StageWork(loops: loops, sources: sources, destinations: [memory], adds: false, streams: false, passesOn: true)
  }

  /// What the passes of a piece do with their results.
  ///
  /// - Parameters:
  ///   - adds: to what stands there.
  ///   - last: no further pass of the piece adds to the results.
  func storing(adds: Bool, last: Bool) -> chotloops_storing {
    if adds { return chotloops_add }
    if streams && last { return chotloops_stream }
    return passesOn ? chotloops_pass_on : chotloops_replace
  }
}

/// The table of hot loops of one instruction set for one scalar.
package struct Loops: @unchecked Sendable {
  // @unchecked Sendable because the tables are constant data of the program.
  let table: UnsafePointer<chotloops_lines>
  let rankTable: UnsafePointer<chotloops_ranks>

  package var call: chotloops_lines { table.pointee }
  var ranks: chotloops_ranks { rankTable.pointee }
}

extension InstructionSet {
  /// The hot loops for a scalar.
  func loops<S: ComputeScalar>(for scalar: S.Type) -> Loops {
    let isFloat = MemoryLayout<S>.size == MemoryLayout<Float>.size
    return Loops(
      table: isFloat ? variant.float32 : variant.float64,
      rankTable: isFloat ? variant.float32_ranks : variant.float64_ranks)
  }
}
