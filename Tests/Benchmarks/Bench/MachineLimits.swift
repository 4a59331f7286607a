import CMachineLimits
import Filtering
import Glibc
import Parallel
import Volumes

/// What a number of threads can do at best.
struct MachineLimits {
  let threads: Int
  /// Fused multiply-adds per second, Float, all operands in registers.
  let multipliesPerSecond: Double
  /// Reading one frame and writing another, once.
  let copy: Seconds
  /// The same past the caches.
  let stream: Seconds

  init(threads: Int, shape: Shape, runs: Int, instructionSet: InstructionSet) throws {
    let workers = Workers(count: threads)
    self.threads = threads
    multipliesPerSecond = MachineLimits.multiplies(on: workers, isa: instructionSet.name, runs: runs)
    let (from, to) = (try Frame<Float>(shape: shape), try Frame<Float>(shape: shape))
    // A page that nobody has written is not in memory yet.
    for place in from.voxels.indices { from.voxels[place] = 1 }
    // Large enough that sharing it out costs nothing, whole pages.
    let slab = 1 << 18
    func each(_ copy: @Sendable (UnsafeMutableRawPointer, UnsafeRawPointer, Int) -> Void) -> Seconds {
      Seconds(runs: runs) {
        workers.forEachSlab(of: from.bytes.count, slab: slab) { _, bytes in
          // One lane alone gets everything at once, and so it should.
          copy(
            UnsafeMutableRawPointer(to.base) + bytes.lowerBound, UnsafeRawPointer(from.base) + bytes.lowerBound,
            bytes.count)
        }
      }
    }
    copy = each { memcpy($0, $1, $2) }
    stream = each { cmachinelimits_stream($0, $1, $2) }
  }

  private static func multiplies(on workers: Workers, isa: String, runs: Int) -> Double {
    let perRound = Double(cmachinelimits_fma_round(isa)) / 2
    // Some milliseconds, whatever the instructions: without a fused one, each is a call of the C library.
    let rounds: Int64 = isa == "baseline" ? 20_000 : 2_000_000
    let seconds = Seconds(runs: runs) {
      workers.forEachSlab(of: workers.count) { _, lanes in
        for _ in lanes where cmachinelimits_fma(isa, rounds).isNaN { abort() }
      }
    }
    return perRound * Double(rounds) * Double(workers.count) / seconds.least
  }

  /// The faster way to copy a frame.
  var leastCopy: Double { min(copy.least, stream.least) }

  /// The least time for filtering a frame: multiplies at their peak, or one read and one write, whichever takes longer.
  func roofline(multipliesPerVoxel: Int, voxels: Int) -> Double {
    max(Double(multipliesPerVoxel) * Double(voxels) / multipliesPerSecond, leastCopy)
  }
}

/// What the machine can do.
func machineSection(_ bench: Workbench) throws -> String {
  var table = Table("limit") { bench.threads.map(\.asThreads) }
  let limits = try bench.threads.map { try bench.limits($0) }
  func row(_ name: String, _ figure: (MachineLimits) -> String) { table.add([name] + limits.map(figure)) }
  let traffic = 2 * Double(bench.frameBytes)
  row("multiply-adds in registers, GFLOP/s") { (2 * $0.multipliesPerSecond / 1e9).rounded(to: 0) }
  row("memcpy of a frame, ms") { $0.copy.milliseconds }
  row("copy past the caches, ms") { $0.stream.milliseconds }
  row("the faster one, GB/s read and written") { (traffic / $0.leastCopy / 1e9).rounded(to: 1) }
  return "## The machine\n\n" + table.text
}
