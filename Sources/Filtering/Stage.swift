import CHotLoops
import Volumes

/// One or two passes that lanes run together, piece by piece. Pieces can run in any order and at the same time.
protocol Stage: Sendable {
  var pieces: Int { get }
  func run(piece: Int, of work: StageWork, scratch: ScratchBlock)
}

/// From where to where a stage filters, and with which loops. The frames are different ones.
struct StageWork: @unchecked Sendable {
  // @unchecked Sendable because lanes only read the source, and each writes its own pieces of the destination.
  let loops: Loops
  let source: UnsafeRawPointer
  let destination: UnsafeMutableRawPointer
  /// The result is added to what stands in the destination: a further term of a sum.
  let adds: Bool
}

/// The table of hot loops of one instruction set for one scalar.
struct Loops: @unchecked Sendable {
  // @unchecked Sendable because the table is constant data of the program.
  let table: UnsafePointer<chotloops_lines>

  var call: chotloops_lines { table.pointee }
}
