import CHotLoops
import Kernels
import Volumes

/// A kernel that is no sum of few separable terms: every weight meets every voxel, with the loop of the i pass.
struct DenseFilter<S: ComputeScalar>: Sendable {
  private let shape: Shape
  private let kernel: Shape
  private let weights: [S]
  private let reach: PerAxis<LineExtension>
  private let outside: S

  init(_ kernel: DenseKernel, shape: Shape, boundary: Boundary, outside: S) {
    self.shape = shape
    self.kernel = kernel.shape
    self.outside = outside
    weights = kernel.weights.map { S($0) }
    func reach(_ axis: Axis) -> LineExtension {
      LineExtension(
        length: shape[axis], taps: kernel.shape[axis], origin: kernel.origin[axis], boundary: boundary)
    }
    self.reach = PerAxis(reach(.i), reach(.j), reach(.k))
  }

  /// Filters `source`, whose memory is used again.
  func apply(to source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let extended = try extend(source, runner: runner)
    // The lines are copied by now, so the source may be overwritten.
    let stage = DenseStage(shape: shape, kernel: kernel, weights: weights, reach: reach, outside: outside)
    try runner.run(stage, from: [extended], to: [source], adds: false)
    return source
  }

  /// All lines, extended along i.
  private func extend(_ source: Frame<S>, runner: Runner<S>) throws(EngineFailure) -> Frame<S> {
    let length = reach.i.count
    guard let longer = Shape(i: length, j: shape.j, k: shape.k) else { throw .outOfMemory(bytes: .max) }
    let extended: Frame<S>
    do { extended = try Frame(shape: longer) } catch { throw .outOfMemory(bytes: error.bytes) }
    let loops = runner.loops
    try runner.engine.forEachPiece(of: shape.k) { _, slice in
      withUnsafePointer(to: outside) { outside in
        reach.i.withForm(outside: outside) { form in
          for line in slice * shape.j..<(slice + 1) * shape.j {
            loops.call.extend(extended.base + line * length, source.base + line * shape.i, form)
          }
        }
      }
    }
    return extended
  }
}

/// The lines of a frame, each from kernel.j · kernel.k extended lines of the source.
private struct DenseStage<S: ComputeScalar>: Stage {
  let shape: Shape
  let kernel: Shape
  let weights: [S]
  let reach: PerAxis<LineExtension>
  let outside: S

  var pieces: Int { shape.j * shape.k }

  func run(piece: Int, of work: StageWork, scratch: ScratchBlock) {
    let length = reach.i.count
    var scratch = scratch
    let lines = scratch.take(kernel.j * kernel.k, of: UnsafeRawPointer.self)
    let beyond = scratch.take(length, of: S.self)
    guard let table = lines.baseAddress, let nothing = beyond.baseAddress else { return }
    beyond.initialize(repeating: outside)
    for place in lines.indices {
      let j = reach.j.source(at: piece % shape.j + place % kernel.j)
      let k = reach.k.source(at: piece / shape.j + place / kernel.j)
      let line = (k * shape.j + j) * length * MemoryLayout<S>.stride
      lines[place] = j < 0 || k < 0 ? UnsafeRawPointer(nothing) : work.sources[0] + line
    }
    weights.withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return }
      let out = work.destinations[0] + piece * shape.i * MemoryLayout<S>.stride
      let taps = chotloops_taps(weights: first, count: kernel.i)
      work.loops.call.correlate(out, shape.i, table, lines.count, taps, work.adds ? 1 : 0)
    }
  }
}

/// The working memory that dense filtering needs.
struct DenseSize {
  /// Of a lane.
  let scratchBytes: Int
  /// Voxels of the frame of extended lines.
  let extendedVoxels: Int

  init<S>(shape: Shape, kernel: Shape, scalar: S.Type) {
    let length = shape.i + kernel.i - 1
    var size = ScratchSize()
    size.add(kernel.j * kernel.k, of: UnsafeRawPointer.self)
    size.add(length, of: S.self)
    scratchBytes = size.bytes
    extendedVoxels = length.multipliedSaturating(by: shape.j * shape.k)
  }
}
