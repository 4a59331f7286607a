import CMachineLimits
import Filtering
import Glibc
import Parallel
import Volumes

/// What all lanes of a run can do at best, measured now: other programs on the machine count against it, as they do
/// against the run.
package struct MachineSpeed: Sendable {
  /// Fused multiply-adds of floats, all operands in registers.
  package let multipliesPerSecond: Double
  /// Read and written, each byte counted twice, between two blocks of the size of a frame.
  package let bytesPerSecond: Double

  /// - Parameter frameBytes: of the frames that are filtered; small ones stay in a cache, and so do the blocks then.
  /// - Throws: when there is no memory for the blocks, which are bounded.
  init(workers: Workers, instructionSet: InstructionSet, frameBytes: Int) throws(OutOfMemory) {
    multipliesPerSecond = Self.multiplies(workers, isa: instructionSet.name)
    let block = min(max(frameBytes, 1 << 16), 64 << 20) / Self.slab * Self.slab
    bytesPerSecond = 2 * Double(block) / (try Self.copying(block, workers))
  }

  /// The least time for some work: its multiplies at their peak, or one read and one write of its voxels, whichever
  /// takes longer.
  package func seconds(for work: FilterWork) -> Double {
    max(work.multiplies / multipliesPerSecond, work.bytes / bytesPerSecond)
  }

  private static let rounds = 5
  /// Whole pages.
  private static let slab = 1 << 16

  private static func multiplies(_ workers: Workers, isa: String) -> Double {
    // A millisecond or so; without a fused instruction each is a call of the C library.
    let loops: Int64 = isa == "baseline" ? 5_000 : 200_000
    let seconds = least {
      workers.forEachSlab(of: workers.count) { _, lanes in
        // Written somewhere, or the compiler leaves the work out.
        for _ in lanes { withExtendedLifetime(cmachinelimits_fma(isa, loops)) {} }
      }
    }
    return Double(cmachinelimits_fma_round(isa)) / 2 * Double(loops) * Double(workers.count) / seconds
  }

  /// Seconds for the faster one of two ways to copy a block.
  private static func copying(_ bytes: Int, _ workers: Workers) throws(OutOfMemory) -> Double {
    let (source, target) = (try MappedMemory(count: bytes), try MappedMemory(count: bytes))
    // A page that nobody has written is not in memory yet.
    source.bytes.initializeMemory(as: UInt8.self, repeating: 1)
    func each(_ copy: @Sendable (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Void) -> Double {
      least {
        workers.forEachSlab(of: bytes, slab: slab) { _, part in
          guard let to = target.bytes.baseAddress, let from = source.bytes.baseAddress else { return }
          copy(to + part.lowerBound, from + part.lowerBound, part.count)
        }
      }
    }
    return min(each { memcpy($0, $1, $2) }, each { cmachinelimits_stream($0, $1, $2) })
  }

  /// The first rounds warm up caches and clocks and bring the pages; they are never the least.
  private static func least(_ work: () -> Void) -> Double {
    (0..<rounds).map { _ in
      let start = ContinuousClock.now
      work()
      return max(start.duration(to: .now).seconds, 1e-9)
    }.min() ?? 1
  }
}

/// What filtering takes, counted and not measured.
package struct FilterWork: Sendable {
  /// Fused multiply-adds; one of doubles counts as two of floats.
  package var multiplies = 0.0
  /// One read and one write of each voxel.
  package var bytes = 0.0

  init() {}

  init(of grid: PlannedGrid, voxels: Int) {
    let floats = Double(grid.scalarBytes) / 4
    multiplies = Double(grid.cost.multipliesPerVoxel) * Double(voxels) * floats
    bytes = 2 * Double(grid.scalarBytes) * Double(voxels)
  }
}
