import Filtering
import Glibc
import Parallel
import Volumes

/// What all sections share: the frame's shape, how often to measure, and the machine's limits, measured once.
struct Workbench {
  let shape: Shape
  let runs: Int
  /// One thread, and the number that was asked for.
  let threads: [Int]
  let instructionSet: InstructionSet
  private let limits: [Int: MachineLimits]

  init(shape: [Int], runs: Int, threads: Int) throws {
    guard let shape = Shape(i: shape[0], j: shape[1], k: shape[2]) else { throw OutOfMemory(bytes: .max) }
    let set = try InstructionSet.chosen()
    self.shape = shape
    self.runs = runs
    self.threads = threads == 1 ? [1] : [1, threads]
    instructionSet = set
    var limits: [Int: MachineLimits] = [:]
    for count in self.threads {
      limits[count] = try MachineLimits(threads: count, shape: shape, runs: runs, instructionSet: set)
    }
    self.limits = limits
  }

  var frameBytes: Int { shape.count * MemoryLayout<Float>.stride }

  func limits(_ threads: Int) throws -> MachineLimits {
    guard let limits = limits[threads] else { throw UnmeasuredThreads(count: threads) }
    return limits
  }

  /// Seconds that filtering one frame takes. Nothing is allocated or mapped while the clock runs: the first two runs
  /// are not counted.
  func time(_ kernel: LinearKernel, threads: Int) throws -> Seconds {
    let engine = Engine(
      workers: Workers(count: threads), instructionSet: instructionSet, cancellation: Cancellation())
    let chain = Chain([LinearOperation(filter: "bench", kernel: kernel, boundary: .reflect)])
    let prepared = try engine.prepare(try chain.wholeFrames(of: Layout(shape: shape)), for: Float.self)
    var frame = try noise()
    return try Seconds(runs: runs) { frame = try prepared.apply(to: frame) }
  }

  /// The same for a rank filter.
  func time(_ step: RankOperation, threads: Int) throws -> Seconds {
    let engine = Engine(
      workers: Workers(count: threads), instructionSet: instructionSet, cancellation: Cancellation())
    let prepared = try engine.prepare(try Chain([step]).wholeFrames(of: Layout(shape: shape)), for: Float.self)
    var frame = try noise()
    return try Seconds(runs: runs) { frame = try prepared.apply(to: frame) }
  }

  /// What filtering makes of the noise.
  func filtered(_ kernel: LinearKernel) throws -> Frame<Float> {
    let workers = Workers(count: threads.last ?? 1)
    let engine = Engine(workers: workers, instructionSet: instructionSet, cancellation: Cancellation())
    let chain = Chain([LinearOperation(filter: "bench", kernel: kernel, boundary: .reflect)])
    return try engine.apply(chain, to: try noise())
  }

  private func noise() throws -> Frame<Float> {
    let frame = try Frame<Float>(shape: shape)
    for place in frame.voxels.indices {
      let scrambled = UInt32(truncatingIfNeeded: place) &* 2_654_435_761
      frame.voxels[place] = Float(scrambled >> 8) / Float(1 << 24)
    }
    return frame
  }

  func heading() throws -> String {
    var load = [Double](repeating: 0, count: 3)
    getloadavg(&load, 3)
    return """
      # The engine in memory

      \(shape.i)×\(shape.j)×\(shape.k) Float, \(instructionSet.name), boundary reflect. Times are the least
      (and the median) of \(runs) runs after two that are not counted. Load average before \(load.map { $0.rounded(to: 2) }.joined(separator: " ")).

      """
  }
}

/// A defect of the benchmark itself: a section asked for a number of threads that has no limits.
struct UnmeasuredThreads: Error { let count: Int }
